import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeSnippet } from "../../../lib/ranking/snippet.ts";

const filler = (n: number) => Array.from({ length: n }, (_, i) => `filler${i}`).join(" ");

describe("makeSnippet", () => {
  test("gives a short text whole, on one line", () => {
    expect(makeSnippet("  One\n\n two\tthree ", ["two"])).toBe("One two three");
  });

  test("shows the stretch with the most different words", () => {
    const text = `${filler(60)} token token token ${filler(60)} rotate the token here ${filler(60)}`;
    const snippet = makeSnippet(text, ["rotate", "token"]);
    expect(snippet).toContain("rotate the token here");
    expect(snippet.startsWith("…")).toBe(true);
    expect(snippet.endsWith("…")).toBe(true);
  });

  test("finds another form of a word, but no short word inside a longer one", () => {
    const text = `${filler(60)} category ${filler(60)} we migrated with the cat ${filler(60)}`;
    expect(makeSnippet(text, ["migration"])).toContain("migrated");
    expect(makeSnippet(text, ["cat"])).toContain("the cat");
  });

  test("shows the beginning where no word is found", () => {
    const text = filler(100);
    expect(makeSnippet(text, ["absent"]).startsWith("filler0 filler1")).toBe(true);
    expect(makeSnippet(text, []).endsWith("…")).toBe(true);
  });

  test("cuts between words", () => {
    const snippet = makeSnippet(`${filler(90)} needle ${filler(90)}`, ["needle"]);
    const inner = snippet.replaceAll("…", "");
    for (const word of inner.split(" ")) expect(word).toMatch(/^(filler\d+|needle)$/);
    expect(` ${filler(90)} needle ${filler(90)} `).toContain(` ${inner} `);
  });

  test("finds words in scripts without spaces", () => {
    const text = `${"前置文字".repeat(100)}数据库迁移${"后续内容".repeat(100)}`;
    expect(makeSnippet(text, ["数据库"])).toContain("数据库");
  });

  test("replaces lone surrogates of the text, also of a short one", () => {
    expect(makeSnippet("broken \ud83d text", ["text"])).toBe("broken \ufffd text");
  });

  test("never exceeds its length, breaks a surrogate pair or keeps a line break", () => {
    const texts = fc.array(
      fc.oneof(fc.constant("😀"), fc.constant("needle "), fc.string({ unit: "binary" })),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 4, max: 100 }), (parts, maxChars) => {
        const snippet = makeSnippet(parts.join(""), ["needle", "a"], maxChars);
        expect(snippet.length).toBeLessThanOrEqual(maxChars);
        expect(snippet.isWellFormed()).toBe(true);
        expect(snippet).not.toMatch(/[\n\r\t]/);
      }),
    );
  });
});
