import { describe, expect, it } from "vitest";
import { candidatesFor } from "../../../lib/storage/sqlite/vector-candidates.ts";

describe("the number of candidates", () => {
  it("is everything while few rows match, so that the answer is exact", () => {
    expect([0, 1, 1_999, 2_000].map((matching) => candidatesFor(10, matching))).toEqual([0, 1, 1_999, 2_000]);
  });

  it("grows with the results that are wanted and with the rows once they crowd", () => {
    expect([10, 50, 100].map((limit) => candidatesFor(limit, 50_000))).toEqual([220, 300, 400]);
    expect([100_000, 1_000_000].map((matching) => candidatesFor(10, matching))).toEqual([220, 781]);
  });

  it("is never less than the results wanted, nor more than there are or than a scan returns", () => {
    expect(candidatesFor(2_500, 2_400)).toBe(2_400);
    expect(candidatesFor(60_000, 10_000_000)).toBe(65_536);
  });
});
