import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../lib/domain/canonical-json.ts";

describe("canonical JSON", () => {
  it("sorts keys by UTF-16 code units, those that look like numbers too (RFC 8785, 3.2.3)", () => {
    const value = { "\u20ac": 1, "\r": 2, "10": 3, "9": 4, "\u{1f600}": 5, "\u00f6": 6, a: undefined };
    expect(canonicalJson(value)).toBe('{"\\r":2,"10":3,"9":4,"ö":6,"€":1,"😀":5}');
  });

  it("reads back as the value, and writes that the same again", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
