import { describe, expect, it } from "vitest";
import { openSlices } from "../../../lib/knowledge/in-slices.ts";

function* work(steps: number, onStep: () => void) {
  for (let step = 0; step < steps; step++) {
    onStep();
    yield;
  }
  return steps;
}

describe("work in slices", () => {
  it("lets others have their turn whenever its time is up, over all pieces of work together", async () => {
    let nowMs = 0;
    const seen: string[] = [];
    const inSlices = openSlices(() => nowMs);
    const step = (): void => {
      nowMs += 6;
      seen.push("step");
    };
    const other = (): void => {
      seen.push("other");
      if (seen.length < 12) setImmediate(other);
    };
    setImmediate(other);
    expect(await inSlices(work(2, step))).toBe(2);
    expect(await inSlices(work(4, step))).toBe(4);
    expect(seen).toEqual(["step", "step", "step", "other", "step", "step", "step", "other"]);
  });

  it("does short work at once", async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push("other"));
    await openSlices(() => 0)(work(100, () => undefined));
    expect(seen).toEqual([]);
  });
});
