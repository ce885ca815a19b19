import { describe, expect, test } from "vitest";
import { fuse, SEMANTIC_WEIGHT, semanticWeight } from "../../../lib/ranking/fuse.ts";
import { analyseQuery } from "../../../lib/ranking/tokens.ts";

const list = (...items: readonly (readonly [string, number])[]) =>
  items.map(([key, score]) => ({ key, score }));
const keys = (fused: readonly { readonly key: string }[]) => fused.map(({ key }) => key);

describe("fuse", () => {
  test("ranks what both lists find above what one finds", () => {
    const fused = fuse({
      text: list(["a", 9], ["both", 8]),
      semantic: list(["b", 0.7], ["both", 0.65], ["c", 0.2]),
    });
    expect(keys(fused)[0]).toBe("both");
    expect(fused[0]).toMatchObject({ textRank: 2, semanticRank: 2 });
  });

  test("names the rank only in lists that hold the item", () => {
    const fused = fuse({ text: list(["a", 2]), semantic: list(["b", 0.5]) });
    expect(fused.find(({ key }) => key === "a")).not.toHaveProperty("semanticRank");
    expect(fused.find(({ key }) => key === "b")).not.toHaveProperty("textRank");
  });

  test("lets the weight decide between the lists", () => {
    const lists = { text: list(["words", 3], ["z", 1]), semantic: list(["meaning", 0.8], ["z", 0.1]) };
    expect(keys(fuse({ ...lists, weight: 0.1 }))[0]).toBe("words");
    expect(keys(fuse({ ...lists, weight: 0.9 }))[0]).toBe("meaning");
  });

  test("trusts meaning less where all cosines are alike", () => {
    const text = list(["words", 3], ["meaning", 1.5]);
    const flat = fuse({ text, semantic: list(["meaning", 0.32], ["words", 0.3]) });
    const steep = fuse({ text, semantic: list(["meaning", 0.85], ["words", 0.3]) });
    expect(keys(flat)[0]).toBe("words");
    expect(keys(steep)[0]).toBe("meaning");
  });

  test("does not depend on how far beyond a hundred the list by meaning goes", () => {
    const semantic = Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, score: 0.9 - i / 400 }));
    const text = list(["k3", 5], ["k50", 4]);
    const short = fuse({ text, semantic: semantic.slice(0, 100) });
    const long = fuse({ text, semantic });
    expect(keys(long).slice(0, 50)).toEqual(keys(short).slice(0, 50));
    expect(long[0]?.score).toBe(short[0]?.score);
  });

  test("gives one list as it is, by mode or because the other is empty", () => {
    const text = list(["a", 7], ["b", 3]);
    const semantic = list(["b", 0.6], ["a", 0.5]);
    const byWords = [
      { key: "a", score: 7, textRank: 1 },
      { key: "b", score: 3, textRank: 2 },
    ];
    expect(fuse({ text, semantic, mode: "text" })).toEqual(byWords);
    expect(fuse({ text, semantic: [] })).toEqual(byWords);
    expect(keys(fuse({ text, semantic, mode: "semantic" }))).toEqual(["b", "a"]);
    expect(fuse({ text: [], semantic }).map(({ score }) => score)).toEqual([0.6, 0.5]);
    expect(fuse({ text: [], semantic: [] })).toEqual([]);
  });

  test("gives an item that only words found what the last one by meaning got", () => {
    const text = list(["known", 10], ["words", 10]);
    const fused = fuse({ text, semantic: list(["known", 0.9], ["other", 0.5]) });
    const other = fuse({ text, semantic: list(["known", 0.9], ["other", 0.5], ["words", 0.5]) });
    const scoreOf = (all: typeof fused) => all.find(({ key }) => key === "words")?.score;
    expect(scoreOf(fused)).toBe(scoreOf(other));
  });

  test("stays finite where every score is equal or zero", () => {
    const fused = fuse({ text: list(["a", 0], ["b", 0]), semantic: list(["a", 0.5], ["b", 0.5]) });
    expect(fused.every(({ score }) => Number.isFinite(score))).toBe(true);
  });
});

describe("semanticWeight", () => {
  test("leans on words for names and numbers, not for prose", () => {
    expect(semanticWeight(analyseQuery("how do we rotate credentials"))).toBe(SEMANTIC_WEIGHT);
    expect(semanticWeight(analyseQuery("E11000"))).toBeLessThan(SEMANTIC_WEIGHT);
    expect(semanticWeight(analyseQuery("parseFrontmatter"))).toBeLessThan(SEMANTIC_WEIGHT);
    expect(semanticWeight([])).toBe(SEMANTIC_WEIGHT);
  });
});
