import fc from "fast-check";
import { expect, it } from "vitest";
import { openProjectNumbers } from "../../../lib/storage/sqlite/project-numbers.ts";
import { newestOf, openWordIndex } from "../../../lib/storage/sqlite/words.ts";
import { chunkDraft } from "../../helpers/store.ts";
import { openStore } from "./passage-store.ts";

function openIndexed(...texts: readonly string[]) {
  const store = openStore();
  store.put(...texts.map((text) => [chunkDraft(text)]));
  const number = openProjectNumbers(store.db).find(store.project) ?? 0;
  const index = openWordIndex(store.db);
  const read = (...[term, part]: [string, Parameters<typeof index.read>[2]?]) => {
    const { ids, counts } = index.read(number, term, part);
    return Array.from(ids, (id, i) => [id, counts[i]]);
  };
  return { store, number, index, read };
}

it("gives the passages that hold a term, ascending, and how often each does", () => {
  const repeated = (n: number) => Array.from({ length: n }, () => "oar").join(" ");
  const counts = [1, 7, 8, 9, 31, 2];
  const { read } = openIndexed(...counts.map(repeated), "none");
  expect(read("oar")).toEqual(counts.map((count, i) => [i + 1, count]));
  expect(read("rudder")).toEqual([]);
});

it("counts any text as its words do", () => {
  const { store, index, number } = openIndexed("seed");
  const text = fc.array(fc.constantFrom("a", "b", "_a", "a_", "a1"), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(text, (words) => {
      store.put([chunkDraft(words.join(" "))]);
      const id = Number(store.db.prepare("SELECT max(id) AS id FROM chunks").get()?.id);
      for (const term of ["a", "b", "_a", "a_", "a1"]) {
        const { ids, counts } = index.read(number, term, { newest: 1 });
        const found = ids[0] === id ? counts[0] : 0;
        expect(found).toBe(words.filter((word) => word === term).length);
      }
    }),
    { numRuns: 60 },
  );
});

it("reads the newest passages of a term, or those that hold another one too", () => {
  const { read } = openIndexed("keel", "keel keel hull", "hull", "keel", "keel keel");
  expect(read("keel", { newest: 2 })).toEqual([
    [4, 1],
    [5, 2],
  ]);
  expect(read("keel", { newest: 9 })).toHaveLength(4);
  expect(read("keel", { among: ["hull"] })).toEqual([[2, 2]]);
  expect(read("keel", { among: ["hull", "absent"] })).toEqual([[2, 2]]);
});

it("keeps projects apart whose numbers begin alike", () => {
  const { index, read, store } = openIndexed("deck");
  store.immediate(() => {
    index.put(91, 11, "deck");
    index.put(92, 1, "1_deck");
  });
  expect(read("deck")).toEqual([[1, 1]]);
});

it("forgets what was removed, and refuses to put other text before MATCH", () => {
  const { store, index, read } = openIndexed("bow", "bow");
  store.immediate(() => index.remove(1));
  expect(read("bow")).toEqual([[2, 1]]);
  expect(() => read('bow" OR "x')).toThrow(/characters other than/);
  expect(() => read("bow", { among: ["a-b"] })).toThrow(/characters other than/);
});

it("cuts readings of several projects to the newest of all", () => {
  const reading = (projectNo: number, ...ids: readonly number[]) => ({
    projectNo,
    ids: Uint32Array.from(ids),
    counts: Uint16Array.from(ids, (id) => id * 10),
  });
  const cut = newestOf([reading(1, 1, 4, 6), reading(2, 2, 5), reading(3, 3)], 3);
  expect(cut.map(({ ids, counts }) => [Array.from(ids), Array.from(counts)])).toEqual([
    [
      [4, 6],
      [40, 60],
    ],
    [[5], [50]],
    [[], []],
  ]);
});
