import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyse, analyseQuery } from "../../../lib/ranking/tokens.ts";

const terms = (text: string) => analyse(text).join(" ");

describe("analyse", () => {
  test("gives a plain word as its stem, once", () => {
    expect(terms("Migrations were migrating")).toBe("migrat migrat");
  });

  test.each([
    ["camelCase", "camel case camelcas"],
    ["PascalCase", "pascal case pascalcas"],
    ["snake_case", "snake case snakecas"],
    ["kebab-case", "kebab case kebabcas"],
    ["HTMLParser", "html parser htmlparser"],
    ["parseURLs", "pars url parseurl"],
    ["std::vector", "std vector stdvector"],
    ["lib/a/tokenSplit.ts", "lib token split ts tokensplitt libatokensplitt"],
    ["gpt-4o", "gpt 4o gpt4o"],
    ["v1.2.3", "1_2_3"],
    ["1.2.3", "1_2_3"],
    ["2026-02-14", "2026 2026_02_14"],
    ["E11000", "e11000"],
    ["python3", "python python3"],
    ["C++", "cpp"],
    ["C#", "csharp"],
    ["#123", "123"],
    ["@scope/pkg", "scope pkg scopepkg"],
    ["John's", "john"],
    ["AT&T", "att"],
  ])("splits %s and keeps the whole", (text, expected) => {
    expect(terms(text)).toBe(expected);
  });

  test("lets spellings of one name meet", () => {
    const wholes = ["GitHub", "git-hub", "git_hub", "github"].map((text) => analyse(text).at(-1));
    expect(new Set(wholes)).toEqual(new Set(["github"]));
  });

  test("folds accents, ligatures, width and case", () => {
    expect(terms("Café CAFÉ cafe\u0301 ｃａｆｅ")).toBe("cafe cafe cafe cafe");
    expect(terms("Straße Ærø Łódź")).toBe("strass aero lodz");
  });

  test("keeps words of other scripts apart from plain words and from each other", () => {
    const words = ["Привет", "Приветы", "Γειά", "שלום", "مرحبا", "नमस्ते"];
    const found = words.map((word) => terms(word));
    expect(new Set(found).size).toBe(words.length);
    for (const term of found) expect(term).toMatch(/^_[a-z0-9]+$/);
  });

  test("gives bigrams of scripts without spaces, and a sign alone where it stands alone", () => {
    expect(analyse("数据库")).toHaveLength(2);
    expect(analyse("数据库").slice(0, 1)).toEqual(analyse("数据"));
    expect(analyse("库")).toHaveLength(1);
    expect(analyse("한국어")).toHaveLength(2);
    expect(analyse("データ")).toHaveLength(2);
    expect(analyse("東京Tower").at(-1)).toBe("tower");
  });

  test("drops stop words, unless a text is nothing else", () => {
    expect(terms("What is the plan?")).toBe("plan");
    expect(terms("to be or not to be")).toBe("to be or not to be");
    expect(terms("don't")).toBe("dont");
  });

  test("hashes what is longer than 64 characters to a term of its own", () => {
    const long = "x".repeat(100);
    expect(terms(long)).toMatch(/^__[a-z0-9]{14}$/);
    expect(terms(long)).toBe(terms(long));
    expect(terms(long)).not.toBe(terms("x".repeat(101)));
  });

  test("takes a run without spaces in pieces of 1,024 characters", () => {
    expect(analyse("x".repeat(3000))).toHaveLength(3);
  });

  test("does not shatter base64 by its changes of case", () => {
    expect(analyse("YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUZHSElKS0xNTk9Q")).toHaveLength(1);
  });

  test("finds a very long path by its pieces alone", () => {
    const path = Array.from({ length: 40 }, (_, i) => `folder${String.fromCharCode(97 + (i % 26))}`).join(
      "/",
    );
    expect(analyse(path)).toHaveLength(40);
  });

  test("gives only terms in [a-z0-9_], at most 64 long, for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string()), (text) => {
        for (const term of analyse(text)) expect(term).toMatch(/^[a-z0-9_]{1,64}$/);
      }),
    );
  });

  test("gives the same terms whatever is between two texts that white space parts", () => {
    const words = fc.stringMatching(/^[a-zA-Z0-9_./-]{1,30}x7$/);
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(analyse(`${a} \n${b}`)).toEqual([...analyse(a), ...analyse(b)]);
      }),
    );
  });

  test("survives a megabyte of marks, joiners, apostrophes or one letter", () => {
    for (const unit of ["\u0301\u0327", "a.", "a'", "A", "a/B", "\ud800", "漢", "-_"]) {
      expect(analyse(unit.repeat(2 ** 20 / unit.length))).toBeDefined();
    }
  });
});

describe("analyseQuery", () => {
  test("gives each term once, with the user's word and the times it was said as weight", () => {
    expect(analyseQuery("Deploy deploys the Server")).toEqual([
      { term: "deploy", weight: 2, origin: "Deploy" },
      { term: "server", weight: 1, origin: "Server" },
    ]);
  });

  test("weighs the pieces of an identifier less than the whole", () => {
    expect(analyseQuery("snake_case")).toEqual([
      { term: "snake", weight: 0.5, origin: "snake" },
      { term: "case", weight: 0.5, origin: "case" },
      { term: "snakecas", weight: 1, origin: "snake_case" },
    ]);
  });

  test("counts a word that is both piece and plain as plain", () => {
    expect(analyseQuery("my_case case").find(({ term }) => term === "case")?.weight).toBe(2);
  });

  test("has exactly the terms of the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(new Set(analyseQuery(text).map(({ term }) => term))).toEqual(new Set(analyse(text)));
      }),
    );
  });
});
