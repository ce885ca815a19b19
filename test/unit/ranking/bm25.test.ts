import fc from "fast-check";
import { expect, test } from "vitest";
import { bm25, idf } from "../../../lib/ranking/bm25.ts";

const text = { df: 10, n: 1000, length: 100, averageLength: 100 };

test("a term scores its idf where it stands once in a text of average length", () => {
  expect(bm25({ ...text, tf: 1 })).toBeCloseTo(Math.log(1 + 990.5 / 10.5), 12);
});

test("a term that is not there scores nothing", () => {
  expect(bm25({ ...text, tf: 0 })).toBe(0);
});

test("k1 bounds what repetition adds", () => {
  expect(bm25({ ...text, tf: 1e9, k1: 1.5 }) / idf(10, 1000)).toBeCloseTo(2.5, 6);
});

test("a longer text scores less, and with b = 0 the same", () => {
  expect(bm25({ ...text, tf: 1, length: 200 })).toBeLessThan(bm25({ ...text, tf: 1 }));
  expect(bm25({ ...text, tf: 1, length: 200, b: 0 })).toBe(bm25({ ...text, tf: 1, b: 0 }));
});

test("an empty collection divides by nothing", () => {
  expect(bm25({ tf: 1, df: 0, n: 0, length: 0, averageLength: 0 })).toBeGreaterThan(0);
});

test("idf is positive and falls with the frequency, even one that outruns the count of texts", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), (df, n) => {
      expect(idf(df, n)).toBeGreaterThan(0);
      expect(idf(df + 1, n)).toBeLessThan(idf(df, n));
    }),
  );
});
