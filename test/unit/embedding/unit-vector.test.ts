import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unitVector } from "../../../lib/embedding/unit-vector.ts";

describe("scaling a vector to length 1", () => {
  it("keeps the direction", () => {
    expect(unitVector([0, -5])).toEqual(Float32Array.of(0, -1));
  });

  it.each([[[]], [[0, 0]], [[Number.NaN, 1]], [[Number.POSITIVE_INFINITY]]])(
    "finds no direction in %j",
    (values) => {
      expect(unitVector(values)).toBeUndefined();
    },
  );

  it("ends at length 1 for every vector of ordinary numbers", () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(numbers, (values) => {
        fc.pre(values.some((value) => Math.abs(value) > 1e-3));
        expect(Math.hypot(...(unitVector(values) ?? []))).toBeCloseTo(1, 5);
      }),
    );
  });
});
