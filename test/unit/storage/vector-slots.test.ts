import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlotTable } from "../../../lib/storage/sqlite/vector-slots.ts";

describe("the slot table", () => {
  it("answers like a Map after any sequence of changes", () => {
    // Few ids, some of which fall on one place of the table, so that chains form and are broken.
    const id = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0xfffffff0, max: 0xffffffff }));
    const change = fc.record({
      id,
      slot: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
    });
    const cases = fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      const table = new SlotTable();
      const map = new Map<number, number>();
      for (const { id: key, slot } of changes) {
        if (slot === undefined) {
          table.delete(key);
          map.delete(key);
        } else {
          table.set(key, slot);
          map.set(key, slot);
        }
      }
      expect(table.count).toBe(map.size);
      for (const { id: key } of changes) expect(table.find(key)).toBe(map.get(key));
    });
    fc.assert(cases, { numRuns: 200 });
  });

  it("keeps a hundred thousand ids apart while it grows and loses every second one", () => {
    const table = new SlotTable();
    for (let id = 1; id <= 100_000; id++) table.set(id * 7, id);
    for (let id = 1; id <= 100_000; id += 2) table.delete(id * 7);
    expect(table.count).toBe(50_000);
    for (let id = 1; id <= 100_000; id++) {
      const expected = id % 2 === 0 ? id : undefined;
      if (table.find(id * 7) !== expected) expect.fail(`id ${id * 7} is at ${table.find(id * 7)}`);
    }
  });
});
