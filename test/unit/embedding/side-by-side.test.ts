import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { embedSideBySide } from "../../../lib/embedding/side-by-side.ts";

const space = { model: "m", revision: "1", dimensions: 1, pooling: "mean", normalised: true } as const;

/** Makes `[number in the text]` after some turns of the event loop; counts what it was given. */
function worker(turns: number, fails = false) {
  const given: string[] = [];
  const seen = { given, closed: false };
  const embedder: Embedder = {
    ...{ space, state: "cold", problem: undefined, warm: async () => undefined },
    embed: async (texts) => {
      given.push(...texts);
      for (let n = 0; n < turns; n++) await Promise.resolve();
      if (fails) throw new Error("out of order");
      return texts.map((text) => Float32Array.of(Number(text)));
    },
    close: async () => {
      seen.closed = true;
    },
  };
  return { embedder, seen };
}

const texts = Array.from({ length: 50 }, (_, n) => String(n));

describe("embedders side by side", () => {
  it("give a vector for each text in its place, each text made once, the quicker making more", async () => {
    const [slow, quick] = [worker(40), worker(1)];
    const told: number[] = [];
    const both = embedSideBySide([slow.embedder, quick.embedder]);
    const vectors = await both.embed(texts, { onProgress: (done) => told.push(done) });
    expect(vectors.map(([number]) => number)).toEqual(texts.map(Number));
    expect([...slow.seen.given, ...quick.seen.given].toSorted()).toEqual(texts.toSorted());
    expect(slow.seen.given.length).toBeGreaterThan(0);
    expect(quick.seen.given.length).toBeGreaterThan(slow.seen.given.length);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(texts.length);
    expect(await both.embed([])).toEqual([]);
  });

  it("fail as one of them does, and give it no more texts", async () => {
    const [good, bad] = [worker(3), worker(1, true)];
    const both = embedSideBySide([good.embedder, bad.embedder]);
    await expect(both.embed(texts)).rejects.toThrow("out of order");
    expect(good.seen.given.length + bad.seen.given.length).toBeLessThan(texts.length);
  });

  it("are closed together", async () => {
    const [one, other] = [worker(1), worker(1)];
    await embedSideBySide([one.embedder, other.embedder]).close();
    expect([one.seen.closed, other.seen.closed]).toEqual([true, true]);
  });
});
