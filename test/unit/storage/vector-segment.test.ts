import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { VectorIndex } from "../../../lib/storage/sqlite/vector-index.ts";
import { buildKernel, slotOf, vectorFrom } from "./vector-samples.ts";

beforeAll(buildKernel);

function filled(count: number, dimensions = 200): VectorIndex {
  const index = new VectorIndex({ dimensions });
  for (let id = 1; id <= count; id++) {
    const facts = {
      project: (id % 70_000) % 65_536,
      kind: id % 16,
      type: (id * 3) % 16,
      state: id % 2,
      atMs: -id / 3,
    };
    index.add(slotOf(id * 11, facts), index.encode(vectorFrom(id, dimensions)));
  }
  return index;
}

describe("a sealed segment", () => {
  it("brings back ids, facts and codes as they were, in any engine and any cut", () => {
    const cases = fc.property(
      fc.integer({ min: 0, max: 70 }),
      fc.integer({ min: 0, max: 70 }),
      fc.boolean(),
      (count, cut, plain) => {
        const before = filled(count);
        const after = new VectorIndex({ dimensions: 200, plain });
        after.loadSegment(before.sealSegment(0, cut));
        after.loadSegment(before.sealSegment(cut, before.size));
        expect(after.sealSegment(0, after.size)).toEqual(before.sealSegment(0, before.size));
        expect(after.live).toBe(count);
        expect(after.matching({ includeHidden: true })).toBe(count);
        const filter = { includeHidden: true, after: -20, kinds: [1, 3, 5, 7] };
        const query = vectorFrom(500, 200);
        expect(after.scan(query, 20, filter)).toEqual(before.scan(query, 20, filter));
      },
    );
    fc.assert(cases, { numRuns: 40 });
  });

  it("leaves out what was removed", () => {
    const before = filled(40);
    for (let id = 11; id <= 220; id += 22) before.remove(id);
    const after = new VectorIndex({ dimensions: 200 });
    after.loadSegment(before.sealSegment(0, before.size));
    expect([after.size, after.has(11), after.has(22)]).toEqual([30, false, true]);
  });

  it("replaces what is already known of its chunks", () => {
    const index = filled(10);
    index.loadSegment(index.sealSegment(0, 10));
    expect([index.size, index.live]).toEqual([26, 10]);
  });

  it("is read from any offset of a larger buffer", () => {
    const sealed = filled(5).sealSegment(0, 5);
    const larger = new Uint8Array(sealed.length + 3);
    larger.set(sealed, 3);
    const index = new VectorIndex({ dimensions: 200 });
    index.loadSegment(larger.subarray(3));
    expect(index.live).toBe(5);
  });

  it("is refused when any byte differs, and the index stays as it was", () => {
    const sealed = filled(7).sealSegment(0, 7);
    const index = new VectorIndex({ dimensions: 200 });
    for (let at = 0; at < sealed.length; at++) {
      const damaged = sealed.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(refusal(() => index.loadSegment(damaged))).toMatch(/^corrupt: A sealed segment/);
    }
    expect([index.size, index.live]).toEqual([0, 0]);
  });

  it("is refused when it is cut off or continued", () => {
    const sealed = filled(7).sealSegment(0, 7);
    const index = new VectorIndex({ dimensions: 200 });
    const longer = new Uint8Array(sealed.length + 4);
    longer.set(sealed);
    for (const blob of [new Uint8Array(0), sealed.slice(0, 28), sealed.slice(0, -1)]) {
      expect(refusal(() => index.loadSegment(blob))).toContain("is cut off");
    }
    for (const blob of [sealed.slice(0, -4), longer]) {
      expect(refusal(() => index.loadSegment(blob))).toContain("another length than its header says");
    }
  });

  it("is refused by an index of another number of dimensions, even with codes of the same length", () => {
    const sealed = filled(3).sealSegment(0, 3);
    expect(refusal(() => new VectorIndex({ dimensions: 201 }).loadSegment(sealed))).toBe(
      "corrupt: A sealed segment of vector codes holds vectors of 200 dimensions, not 201.",
    );
  });

  it("says when the blob is something else altogether", () => {
    const index = new VectorIndex({ dimensions: 200 });
    expect(refusal(() => index.loadSegment(new Uint8Array(64)))).toContain("does not begin like a segment");
  });

  it("says when another version wrote it", () => {
    const sealed = filled(3).sealSegment(0, 3);
    for (const at of [4, 8]) {
      const other = sealed.slice();
      other[at] = 99;
      expect(refusal(() => new VectorIndex({ dimensions: 200 }).loadSegment(other))).toContain(
        "another version",
      );
    }
  });
});

function refusal(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof KnowledgeError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return undefined;
}
