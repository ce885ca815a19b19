import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bm25 } from "../../../lib/ranking/bm25.ts";
import { countTerms, roundScore, scoreCandidates } from "../../../lib/ranking/score-candidates.ts";

const measures = {
  n: 1000,
  averageLength: 50,
  lengthOf: (doc: number) => 20 + (doc % 60),
  accept: () => true,
};
const posting = (df: number, docs: readonly number[], weight = 1) => ({
  term: `t${df}`,
  weight,
  df,
  docs,
  tfs: docs.map((doc) => 1 + (doc % 3)),
});

describe("scoreCandidates", () => {
  test("sums weighted BM25 over the terms of each passage", () => {
    const docs = fc.uniqueArray(fc.oneof(fc.nat(500), fc.nat(2 ** 40)), { maxLength: 60 });
    fc.assert(
      fc.property(docs, docs, (a, b) => {
        const postings = [posting(5, a), posting(90, b, 0.5)];
        const expected = new Map<number, number>();
        for (const { df, weight, docs: list, tfs } of postings) {
          for (const [i, doc] of list.entries()) {
            const value = bm25({
              tf: tfs[i] ?? 0,
              df,
              n: 1000,
              length: measures.lengthOf(doc),
              averageLength: 50,
            });
            expected.set(doc, (expected.get(doc) ?? 0) + weight * value);
          }
        }
        const scored = scoreCandidates({ ...measures, postings, limit: 1000 });
        expect(scored).toHaveLength(expected.size);
        for (const { doc, score } of scored) expect(score).toBeCloseTo(expected.get(doc) ?? -1, 5);
      }),
    );
  });

  test("orders by score descending, and gives all that tie with the last", () => {
    const input = {
      ...measures,
      lengthOf: () => 50,
      postings: [{ ...posting(5, [3, 6, 9, 1]), tfs: [1, 1, 1, 4] }],
    };
    expect(scoreCandidates({ ...input, limit: 2 }).map(({ doc }) => doc)).toEqual([1, 3, 6, 9]);
    expect(scoreCandidates({ ...input, limit: 1 }).map(({ doc }) => doc)).toEqual([1]);
    expect(scoreCandidates({ ...input, limit: 0 })).toEqual([]);
  });

  test("asks once a passage whether it is accepted, and leaves out what is not", () => {
    const asked: number[] = [];
    const accept = (doc: number) => {
      asked.push(doc);
      return doc !== 2;
    };
    const postings = [posting(5, [1, 2, 3]), posting(6, [2, 3])];
    expect(
      scoreCandidates({ ...measures, accept, postings, limit: 9 })
        .map(({ doc }) => doc)
        .sort(),
    ).toEqual([1, 3]);
    expect(asked.sort()).toEqual([1, 2, 3]);
  });

  test("rounds to a millionth", () => {
    expect(roundScore(1.23456789)).toBe(1.234568);
    const [first] = scoreCandidates({ ...measures, postings: [posting(5, [1])], limit: 1 });
    expect(first?.score).toBe(roundScore(first?.score ?? 0));
  });

  test("finds nothing in nothing", () => {
    expect(scoreCandidates({ ...measures, postings: [], limit: 10 })).toEqual([]);
  });
});

describe("countTerms", () => {
  test("counts whole terms only", () => {
    expect(countTerms("plan planner plan aplan plan", ["plan", "planner", "none", ""])).toEqual([3, 1, 0, 0]);
  });

  test("agrees with counting the split terms", () => {
    const word = fc.stringMatching(/^[ab_]{1,3}$/);
    fc.assert(
      fc.property(fc.array(word), word, (words, wanted) => {
        expect(countTerms(words.join(" "), [wanted])).toEqual([
          words.filter((item) => item === wanted).length,
        ]);
      }),
    );
  });
});
