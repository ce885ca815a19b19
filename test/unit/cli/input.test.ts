import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOption, readText } from "../../../lib/cli/input.ts";
import { tempFolder } from "../../helpers/store.ts";
import { fakeDoor } from "./fake-door.ts";

describe("a text from outside", () => {
  it("comes from --content, a file or stdin as it is", async () => {
    const cwd = tempFolder();
    const text = "\ufeff# Title\r\n\r\n$& $1 \\ `x`\t\u0000 end";
    writeFileSync(join(cwd, "plan.md"), text);
    expect(await readText(fakeDoor().door, { content: text })).toBe(text);
    expect(await readText(fakeDoor({ cwd }).door, { file: "plan.md" })).toBe(text);
    expect(await readText(fakeDoor({ stdin: [text] }).door, { input: "-" })).toBe(text);
    expect(await readText(fakeDoor({ stdin: [text] }).door, { file: "-" })).toBe(text);
    expect(await readText(fakeDoor().door, {})).toBeUndefined();
  });

  it("comes whole from stdin wherever the pieces are cut", async () => {
    const cuts = fc.tuple(fc.string({ unit: "grapheme" }), fc.nat(20));
    await fc.assert(
      fc.asyncProperty(cuts, async ([text, at]) => {
        const bytes = Buffer.from(text);
        const { door } = fakeDoor({ stdin: [bytes.subarray(0, at), bytes.subarray(at)] });
        expect(await readOption(door, "-")).toBe(text);
      }),
    );
  });

  it("is refused when it is given twice", async () => {
    await expect(readText(fakeDoor().door, { content: "a", file: "b" })).rejects.toThrow(
      "The content is given more than once.",
    );
  });

  it("is refused when an argument is no -", async () => {
    await expect(readText(fakeDoor().door, { input: "plan.md" })).rejects.toThrow(
      '"plan.md" is one argument too many.',
    );
  });

  it("is refused when it is not UTF-8, with the place", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "latin.md"), Buffer.from([0x68, 0xe4, 0x68]));
    await expect(readText(fakeDoor({ cwd }).door, { file: "latin.md" })).rejects.toThrow(
      "The file latin.md is not UTF-8 text (first wrong byte at 1).",
    );
  });

  it("is refused when the file is not there or is a folder", async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, "docs"));
    const { door } = fakeDoor({ cwd });
    await expect(readText(door, { file: "no.md" })).rejects.toMatchObject({
      code: "not_found",
      message: "There is no file no.md.",
    });
    await expect(readText(door, { file: "docs" })).rejects.toMatchObject({
      code: "invalid_input",
      message: "docs is a folder, not a file.",
    });
  });

  it("stops reading a stream that does not end", async () => {
    const endless = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield Buffer.alloc(1_000_000, "x");
      },
    };
    const { door } = fakeDoor();
    await expect(readText({ ...door, stdin: endless }, { input: "-" })).rejects.toThrow("bigger than 16 MB");
  });
});
