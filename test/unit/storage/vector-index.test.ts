import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { candidatesFor } from "../../../lib/storage/sqlite/vector-candidates.ts";
import type { VectorFilter } from "../../../lib/storage/sqlite/vector-filter.ts";
import { VectorIndex } from "../../../lib/storage/sqlite/vector-index.ts";
import {
  buildKernel,
  clusteredVector,
  cosine,
  isWanted,
  rowOf,
  slotOf,
  vectorFrom,
} from "./vector-samples.ts";

beforeAll(buildKernel);

const small = fc.integer({ min: 0, max: 15 });
const slots = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 0xffffffff }),
    project: fc.constantFrom(0, 1, 7, 8, 300, 65_535),
    kind: small,
    type: small,
    state: fc.constantFrom(0, 1),
    atMs: fc.integer({ min: -5, max: 5 }),
  }),
  { selector: (slot) => slot.id, minLength: 0, maxLength: 60 },
);
const filters = fc.record(
  {
    projects: fc.subarray([0, 1, 7, 8, 300, 65_535]),
    kinds: fc.uniqueArray(small),
    types: fc.uniqueArray(small),
    includeHidden: fc.boolean(),
    after: fc.integer({ min: -6, max: 6 }),
    before: fc.integer({ min: -6, max: 6 }),
  },
  { requiredKeys: [] },
);

describe.each([{ plain: false }, { plain: true }])("a vector index (plain: $plain)", ({ plain }) => {
  it("runs in the engine it was asked for", () => {
    expect(new VectorIndex({ dimensions: 8, plain }).engine).toBe(plain ? "plain" : "simd");
  });

  it("finds exactly what brute force finds when the candidates cover all that matches", () => {
    const cases = fc.property(slots, filters, fc.constantFrom(5, 128, 384), (given, filter, dimensions) => {
      const index = new VectorIndex({ dimensions, plain });
      const vectors = new Map(given.map(({ id }) => [id, vectorFrom(id, dimensions)]));
      const vectorOf = (id: number) => vectors.get(id) ?? new Float32Array(dimensions);
      for (const slot of given) index.add(slot, index.encode(vectorOf(slot.id)));
      const query = vectorFrom(77, dimensions);

      const matching = index.matching(filter);
      const ids = [...index.scan(query, matching, filter)];
      const similarities = index.rescore(
        query,
        ids.map((id) => rowOf(vectorOf(id))),
      );

      const wanted = given.filter((slot) => isWanted(slot, filter)).map(({ id }) => id);
      expect(matching).toBe(wanted.length);
      expect([...ids].sort()).toEqual([...wanted].sort());
      ids.forEach((id, at) => {
        expect(similarities[at]).toBe(Math.fround(cosine(query, vectorOf(id))));
      });
    });
    fc.assert(cases, { numRuns: 60 });
  });

  it("applies the filter before it counts candidates, not after", () => {
    const index = new VectorIndex({ dimensions: 128, plain });
    const query = vectorFrom(1, 128);
    for (let id = 1; id <= 500; id++) index.add(slotOf(id, { project: 1 }), index.encode(query));
    const far = query.map((component) => -component);
    index.add(slotOf(501, { project: 2 }), index.encode(far));
    expect([...index.scan(query, 3, { projects: [2] })]).toEqual([501]);
  });

  it("tests every condition for every slot, with the lower bound of the date in and the upper one out", () => {
    const index = new VectorIndex({ dimensions: 8, plain });
    const query = vectorFrom(1, 8);
    for (let id = 1; id <= 35; id++) {
      const facts = { project: id * 1_800, kind: id % 16, type: (id * 7) % 16, state: id % 2, atMs: id };
      index.add(slotOf(id, facts), index.encode(query));
    }
    const found = (filter: VectorFilter) => [...index.scan(query, 35, { includeHidden: true, ...filter })];
    for (let id = 1; id <= 35; id++) {
      expect(found({ after: id, before: id + 1 })).toEqual([id]);
      expect(found({ after: id, before: id })).toEqual([]);
      expect(found({ projects: [id * 1_800] })).toEqual([id]);
      expect(found({ kinds: [id % 16] })).toContain(id);
      expect(found({ types: [(id * 7) % 16] })).toContain(id);
      expect(found({ includeHidden: false }).includes(id)).toBe(id % 2 === 0);
    }
    expect(found({ kinds: [3] })).toEqual([3, 19, 35]);
    expect(found({ types: [5] })).toEqual([3, 19, 35]);
  });

  it("finds at least 98 of 100 nearest neighbours among the recommended candidates", () => {
    const index = new VectorIndex({ dimensions: 384, plain });
    const vectors = Array.from({ length: 3_000 }, (_, seed) => clusteredVector(seed, 100, 384));
    vectors.forEach((vector, at) => {
      index.add(slotOf(at + 1), index.encode(vector));
    });
    let found = 0;
    for (let query = 0; query < 20; query++) {
      const asked = clusteredVector(10_000 + query * 7, 100, 384);
      const ranked = vectors.map((vector, at) => ({ id: at + 1, near: cosine(asked, vector) }));
      ranked.sort((a, b) => b.near - a.near);
      const candidates = new Set(index.scan(asked, candidatesFor(10, index.matching())));
      found += ranked.slice(0, 10).filter(({ id }) => candidates.has(id)).length;
    }
    expect(found).toBeGreaterThanOrEqual(196);
  });

  it("returns the best of many, best first, equal codes by ascending id whatever order they came in", () => {
    const index = new VectorIndex({ dimensions: 256, plain });
    const query = vectorFrom(5, 256);
    const near = query.map((component, at) => (at % 8 === 0 ? -component : component));
    // Far more than one block, so that equal codes arrive when the candidates are already full of their like.
    for (let id = 90; id >= 10; id -= 10) {
      index.add(slotOf(id), index.encode(near));
      for (let other = 0; other < 20; other++) {
        index.add(slotOf(100 + id * 20 + other), index.encode(vectorFrom(id * 20 + other, 256)));
      }
    }
    index.add(slotOf(9), index.encode(vectorFrom(9, 256)));
    index.add(slotOf(900), index.encode(query));
    expect([...index.scan(query, 4)]).toEqual([900, 10, 20, 30]);
  });

  it("keeps every slot when it grows from nothing over several pages", () => {
    const index = new VectorIndex({ dimensions: 100, plain });
    const codes = Array.from({ length: 9_000 }, (_, at) => index.encode(vectorFrom(at, 100)));
    codes.forEach((code, at) => {
      index.add(slotOf(at + 1, { project: at % 3, atMs: at }), code);
    });
    expect(index.size).toBe(9_000);
    expect(index.matching()).toBe(9_000);
    expect(index.matching({ projects: [1], after: 4_095, before: 4_099 })).toBe(1);
    for (const at of [0, 15, 16, 4_095, 4_096, 8_191, 8_192, 8_999]) {
      expect(index.scan(vectorFrom(at, 100), 1)[0]).toBe(at + 1);
    }
  });

  it("forgets what is removed and says whether it was there", () => {
    const index = new VectorIndex({ dimensions: 8, plain });
    const code = index.encode(vectorFrom(1, 8));
    for (const id of [1, 2, 3]) index.add(slotOf(id), code);
    expect(index.remove(2)).toBe(true);
    expect(index.remove(2)).toBe(false);
    expect([index.has(1), index.has(2)]).toEqual([true, false]);
    expect([index.size, index.live, index.matching({ includeHidden: true })]).toEqual([3, 2, 2]);
    expect([...index.scan(vectorFrom(1, 8), 3, { includeHidden: true })]).toEqual([1, 3]);
  });

  it("replaces what it knew of a chunk that is added again", () => {
    const index = new VectorIndex({ dimensions: 8, plain });
    const code = index.encode(vectorFrom(1, 8));
    index.add(slotOf(1, { state: 0 }), code);
    index.add(slotOf(1, { state: 1 }), code);
    expect([index.live, index.matching(), index.matching({ includeHidden: true })]).toEqual([1, 0, 1]);
    index.remove(1);
    expect(index.matching({ includeHidden: true })).toBe(0);
  });

  it("returns nothing from an empty index and for no candidates", () => {
    const index = new VectorIndex({ dimensions: 8, capacity: 100, plain });
    expect([...index.scan(vectorFrom(1, 8), 10)]).toEqual([]);
    index.add(slotOf(1), index.encode(vectorFrom(1, 8)));
    expect([...index.scan(vectorFrom(1, 8), 0)]).toEqual([]);
    expect([...index.rescore(vectorFrom(1, 8), [])]).toEqual([]);
  });

  it("scores rows in their order, more than fit one batch, whatever their length", () => {
    const index = new VectorIndex({ dimensions: 10, plain });
    const query = vectorFrom(3, 10);
    const vectors = Array.from({ length: 150 }, (_, at) => vectorFrom(at, 10).map((x) => x * (at + 1)));
    const similarities = index.rescore(query, vectors.map(rowOf));
    expect([...similarities]).toEqual(vectors.map((vector) => Math.fround(cosine(query, vector))));
  });

  it("refuses vectors without a direction, in queries as in what is encoded", () => {
    const index = new VectorIndex({ dimensions: 4, plain });
    index.add(slotOf(1), index.encode(Float32Array.of(1, 0, 0, 0)));
    for (const vector of [
      [0, 0, 0, 0],
      [1, Number.NaN, 0, 0],
      [1, Number.POSITIVE_INFINITY, 0, 0],
      [1, 2, 3],
    ]) {
      const given = Float32Array.from(vector);
      expect(codeOf(() => index.encode(given))).toBe("invalid_input");
      expect(codeOf(() => index.scan(given, 1))).toBe("invalid_input");
      expect(codeOf(() => index.rescore(given, []))).toBe("invalid_input");
    }
  });

  it("encodes the smallest and the largest numbers like any other of that direction", () => {
    const index = new VectorIndex({ dimensions: 4, plain });
    const code = index.encode(Float32Array.of(1, -1, 1, 1));
    expect(index.encode(Float32Array.of(3e38, -3e38, 3e38, 3e38))).toEqual(code);
    expect(index.encode(Float32Array.of(1e-44, -1e-44, 1e-44, 1e-44))).toEqual(code);
  });

  it("says that a stored vector is damaged when its length is wrong or it has no direction", () => {
    const index = new VectorIndex({ dimensions: 4, plain });
    const query = Float32Array.of(1, 0, 0, 0);
    expect(codeOf(() => index.rescore(query, [new Uint8Array(15)]))).toBe("corrupt");
    expect(codeOf(() => index.rescore(query, [new Uint8Array(16)]))).toBe("corrupt");
  });
});

describe("what an index refuses", () => {
  const index = new VectorIndex({ dimensions: 4, plain: true });
  const code = index.encode(Float32Array.of(1, 0, 0, 0));

  it.each([0, 1.5, -1, 4_097, Number.NaN])("%s dimensions", (dimensions) => {
    expect(codeOf(() => new VectorIndex({ dimensions }))).toBe("invalid_input");
  });

  it.each([
    { id: 0 },
    { id: 2 ** 32 },
    { id: 1.5 },
    { project: 65_536 },
    { project: -1 },
    { kind: 16 },
    { type: 16 },
    { state: 2 },
    { atMs: Number.NaN },
  ])("a slot with $0", (facts) => {
    expect(codeOf(() => index.add(slotOf(1, facts), code))).toBe("invalid_input");
  });

  it("a code of another length", () => {
    expect(codeOf(() => index.add(slotOf(1), new Uint8Array(48)))).toBe("invalid_input");
  });

  it.each([
    { projects: [70_000] },
    { kinds: [16] },
    { types: [-1] },
    { after: Number.NaN },
    { before: Number.NaN },
  ])("the filter %o", (filter) => {
    expect(codeOf(() => index.matching(filter))).toBe("invalid_input");
  });

  it.each([-1, 1.5, 65_537])("%s candidates", (count) => {
    expect(codeOf(() => index.scan(Float32Array.of(1, 0, 0, 0), count))).toBe("invalid_input");
  });
});

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof KnowledgeError) return error.code;
    throw error;
  }
  return undefined;
}
