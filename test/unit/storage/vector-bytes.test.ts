import { expect, it } from "vitest";
import { unfitting } from "../../../lib/storage/neutral/vector-bytes.ts";

it.each([
  [[1], "holds 1 byte, which is no whole number of float32 numbers"],
  [[1, 2, 3, 4, 5], "holds 5 bytes, which is no whole number of float32 numbers"],
  [[0, 0, 128, 63], "has 1 dimensions, not 2"],
  [[0, 0, 128, 63, 0, 0, 0, 0], undefined],
])("bytes that are no vector are counted as bytes: %j", (bytes, reason) => {
  expect(unfitting(Uint8Array.from(bytes), 2)).toBe(reason);
});
