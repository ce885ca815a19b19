import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asLine,
  columnsOf,
  cutToColumns,
  padToColumns,
  withoutControls,
} from "../../../lib/cli/terminal-text.ts";
import { wrapText } from "../../../lib/cli/wrap.ts";

describe("the columns of a text", () => {
  it.each([
    ["plan", 4],
    ["", 0],
    ["über", 4],
    ["e\u0301te", 3],
    ["漢字", 4],
    ["한글", 4],
    ["ｆｕｌｌ", 8],
    ["👍", 2],
    ["👩‍👩‍👧", 2],
    ["a\u200bb", 2],
    ["❤️", 2],
  ])("%s takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe("cutting a text to columns", () => {
  it("leaves a text that fits as it is", () => {
    expect(cutToColumns("a plan", 6)).toBe("a plan");
  });

  it("ends a cut text in …, inside the width", () => {
    expect(cutToColumns("a longer plan", 6)).toBe("a lon…");
    expect(cutToColumns("漢字漢字", 5)).toBe("漢字…");
    expect(cutToColumns("漢字漢字", 4)).toBe("漢…");
  });

  it("never passes the width and never splits a character, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        const cut = cutToColumns(text, width);
        expect(columnsOf(cut)).toBeLessThanOrEqual(width);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });

  it("pads by columns, not by characters", () => {
    expect(padToColumns("漢", 4)).toBe("漢  ");
  });
});

describe("text that comes from a store", () => {
  it("cannot steer the terminal from a cell", () => {
    expect(asLine("red \u001b[31malert\u0007\nnext\tcell")).toBe("red [31malert next cell");
    expect(asLine("abc\u202egpj.exe")).toBe("abcgpj.exe");
  });

  it("keeps its lines and tabs in a document, and nothing that steers", () => {
    expect(withoutControls("one\r\n\ttwo\u001b[2J\u009b1m")).toBe("one\n\ttwo\ufffd[2J\ufffd1m");
  });
});

describe("wrapping", () => {
  it("breaks at blanks and marks what is left out", () => {
    expect(wrapText("one two three four five", 9, 2)).toEqual(["one two", "three fo…"]);
    expect(wrapText("one two", 9, 2)).toEqual(["one two"]);
  });

  it("never passes the width, even with a word that is longer", () => {
    for (const line of wrapText(`short ${"x".repeat(50)} end`, 10, 5))
      expect(columnsOf(line)).toBeLessThanOrEqual(10);
  });
});
