import { expect, it } from "vitest";
import { FactTable } from "../../../lib/storage/sqlite/passage-facts.ts";
import { markFilterOf } from "../../../lib/storage/sqlite/passage-marks.ts";
import { openProjectNumbers } from "../../../lib/storage/sqlite/project-numbers.ts";
import { after, chunkDraft } from "../../helpers/store.ts";
import { openStore } from "./passage-store.ts";

function openFacts() {
  const store = openStore();
  store.put(
    [chunkDraft("one two three", { date: after(1), eventType: "note" })],
    [chunkDraft("four", { date: "2019-12-31T23:59:59.999Z", eventType: "goal_defined" })],
    [chunkDraft("five six", { date: after(3), hidden: true })],
  );
  const number = openProjectNumbers(store.db).find(store.project) ?? 0;
  return { store, number, table: new FactTable() };
}

it("knows length, date and marks of every passage, whether it read all or some", () => {
  const { store, number, table } = openFacts();
  const some = new FactTable();
  table.load(store.db, number);
  some.loadOnly(store.db, number, [1, 2, 3]);
  for (const facts of [table, some]) {
    const slots = Array.from(facts.slotsOf(number, Uint32Array.of(1, 2, 3)));
    expect(slots.map((slot) => facts.idOf(slot))).toEqual([1, 2, 3]);
    expect(slots.map((slot) => facts.lengthOf(slot))).toEqual([3, 1, 2]);
    const passing = (filter: Parameters<typeof markFilterOf>[0]) =>
      slots.filter(facts.accepting(markFilterOf(filter))).map((slot) => facts.idOf(slot));
    expect(passing({})).toEqual([1, 2]);
    expect(passing({ includeSuperseded: true })).toEqual([1, 2, 3]);
    expect(passing({ eventTypes: ["goal_defined"] })).toEqual([2]);
    expect(passing({ after: "2019-12-31T23:59:59.999Z", before: "2020-01-01T00:00:00.000Z" })).toEqual([2]);
    expect(passing({ before: "2019-12-31T23:59:59.999Z" })).toEqual([]);
  }
});

it("reads on from what it knows", () => {
  const { store, number, table } = openFacts();
  table.load(store.db, number);
  store.put([chunkDraft("seven")]);
  table.load(store.db, number);
  table.load(store.db, number);
  expect(table.countOf(number)).toBe(4);
  expect(table.lengthOf(table.slotsOf(number, Uint32Array.of(4))[0] ?? 0)).toBe(1);
});

it("lets a passage that it does not know pass no filter", () => {
  const { store, number, table } = openFacts();
  table.load(store.db, number);
  const accept = table.accepting(markFilterOf({ includeSuperseded: true }));
  const slots = table.slotsOf(number, Uint32Array.of(2, 7));
  expect(Array.from(slots, accept)).toEqual([true, false]);
  expect(Array.from(table.slotsOf(number + 1, Uint32Array.of(1)), accept)).toEqual([false]);
});
