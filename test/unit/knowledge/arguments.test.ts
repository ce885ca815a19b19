import { describe, expect, it } from "vitest";
import { parseLimit, parseWhole } from "../../../lib/knowledge/arguments.ts";

const BUDGET = { min: 50, max: 1_000_000, otherwise: 1_000_000, example: 2_000 };

describe("a whole number", () => {
  it("is taken within its bounds, as a number or as text", () => {
    expect(parseWhole("maxTokens", "50", BUDGET)).toBe(50);
    expect(parseWhole("maxTokens", 1_000_000, BUDGET)).toBe(1_000_000);
    expect(parseWhole("maxTokens", undefined, BUDGET)).toBe(1_000_000);
  });

  it("is refused with a bound that means something and a number that people give", () => {
    expect(() => parseWhole("maxTokens", "40", BUDGET)).toThrow(
      expect.objectContaining({
        message: 'maxTokens is "40", which is not a whole number of 50 or more.',
        hint: "Give a number of 50 or more, for example 2000.",
      }),
    );
    expect(() => parseWhole("maxTokens", 2_000_000, BUDGET)).toThrow("from 50 to 1000000.");
    expect(() => parseLimit("0")).toThrow(
      expect.objectContaining({ hint: "Give a number from 1 to 1000, for example 20." }),
    );
  });
});
