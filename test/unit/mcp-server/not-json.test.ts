import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerWhatIsNoJson } from "../../../mcp-server/not-json.ts";

/** What is answered to bytes that come in these pieces. */
function answers(pieces: readonly (string | Uint8Array)[], mostBytes = 1_000): readonly unknown[] {
  const said: unknown[] = [];
  const listen = answerWhatIsNoJson((text) => said.push(JSON.parse(text)), mostBytes);
  for (const piece of pieces) listen(Buffer.from(piece));
  return said;
}

describe("a line that is not JSON", () => {
  it("is answered with -32700 and the id null", () => {
    expect(answers(["hello\n"])).toEqual([
      {
        jsonrpc: "2.0",
        id: null,
        error: { code: -32_700, message: expect.stringMatching(/^Parse error: /) },
      },
    ]);
  });

  it("is answered once, wherever the pieces end, and only when it is whole", () => {
    const bytes = Buffer.from('{"id":1}\nnö JSON\r\n\n  \n{"text":"é\\n"}\n{"a"\n[]\nunfinished');
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = ends.slice(1).map((end, at) => bytes.subarray(ends[at], end));
        expect(answers(pieces)).toHaveLength(2);
      }),
    );
  });

  it("is left to the SDK when it is longer than a message may be, and the next line is read again", () => {
    expect(answers(["x".repeat(30), "y\n{}\n", "no\n"], 20)).toHaveLength(1);
  });
});
