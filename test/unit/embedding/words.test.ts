import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitWords } from "../../../lib/embedding/words.ts";

describe("splitting text into words for the model", () => {
  it.each([
    ["lower-cases and drops accents", "Éclair ÀB İstanbul", ["eclair", "ab", "istanbul"]],
    ["sets punctuation and ASCII signs apart", "a.b=$5+c", ["a", ".", "b", "=", "$", "5", "+", "c"]],
    ["sets each Chinese character apart", "ab数据c", ["ab", "数", "据", "c"]],
    ["keeps kana together", "データ", ["テータ"]],
    ["splits at any white space", "a\tb\u00a0c\u3000d\u2028e", ["a", "b", "c", "d", "e"]],
    ["drops control and format characters inside words", "a\u0000b\u200bc\ufeffd\ufffde", ["abcde"]],
    ["sets typographic punctuation apart", "“q” — x", ["“", "q", "”", "—", "x"]],
    ["makes nothing of nothing", " \n ", []],
  ])("%s", (_name, text, words) => {
    expect([...splitWords(text)]).toEqual(words);
  });

  it("makes words that are not empty, hold no space, and split into themselves", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const word of splitWords(text)) {
          expect(word).not.toMatch(/^$|\s/u);
          expect([...splitWords(word)].join("")).toBe(word);
        }
      }),
    );
  });
});
