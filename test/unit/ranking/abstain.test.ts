import { expect, test } from "vitest";
import { abstains } from "../../../lib/ranking/abstain.ts";

const input = { topTextScore: undefined, topSimilarity: 0.3, matchedTerms: 0, queryTerms: 4 };

test("says nothing was found where no word is known and nothing is alike", () => {
  expect(abstains(input)).toBe(true);
  expect(abstains({ ...input, topSimilarity: 0.4 })).toBe(false);
});

test("needs less likeness the more words are known, and none when all are", () => {
  expect(abstains({ ...input, matchedTerms: 2 })).toBe(false);
  expect(abstains({ ...input, matchedTerms: 2, topSimilarity: 0.25 })).toBe(true);
  expect(abstains({ ...input, matchedTerms: 4, topSimilarity: 0 })).toBe(false);
});

test("goes by words alone where there is no similarity", () => {
  expect(abstains({ ...input, topSimilarity: undefined })).toBe(true);
  expect(abstains({ ...input, topSimilarity: undefined, matchedTerms: 1 })).toBe(false);
});

test("takes another model's threshold", () => {
  expect(abstains({ ...input, topSimilarity: 0.7, unrelatedCosine: 0.75 })).toBe(true);
});

test("judges a query without any term by meaning alone", () => {
  expect(abstains({ ...input, queryTerms: 0 })).toBe(true);
  expect(abstains({ ...input, queryTerms: 0, topSimilarity: 0.5 })).toBe(false);
});
