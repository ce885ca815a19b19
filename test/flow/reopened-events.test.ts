import { describe, expect, it } from "vitest";
import { deleteRow } from "../../lib/knowledge/delete-row.ts";
import { getHistory } from "../../lib/knowledge/history.ts";
import { queryEvents } from "../../lib/knowledge/query.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { retract } from "../../lib/knowledge/retract.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

async function chain() {
  const { deps, project, scope } = await openWorkbench();
  const record = async (text: string, supersedes?: string) =>
    (await recordEvent(deps, project, { type: "note", data: { text }, supersedes })).ref;
  const first = await record("moor at the north quay");
  const second = await record("moor at the south quay", first);
  return {
    first,
    second,
    record,
    remove: (id: string) => deleteRow(deps, scope, { id }),
    retract: (id: string) => retract(deps, scope, { id, why: "misheard" }),
    open: async () => (await queryEvents(deps, scope, {})).events.map(({ ref }) => ref),
    found: async () => {
      const request = { query: "moor quay", mode: "text", waitMs: 0 } as const;
      return (await searchKnowledge(deps, scope, request)).results.map(({ ref }) => ref);
    },
    operations: async (id: string) =>
      (await getHistory(deps, scope, { id })).entries.map(({ operation }) => operation),
  };
}

describe("an event that was superseded", () => {
  it("holds again when its successor is deleted, in queries, in search and in its history", async () => {
    const { first, second, record, remove, open, found, operations } = await chain();
    expect(await open()).toEqual([second]);
    await remove(second);
    expect([await open(), await found()]).toEqual([[first], [first]]);
    expect(await operations(first)).toEqual(["create", "supersede", "restore"]);
    expect(await operations(second)).toEqual(["create", "delete"]);
    expect(await record("moor at the east quay", first)).toMatch(/^evt_/);
  });

  it.each(["remove", "retract"] as const)("stays so while a third holds: %s in the middle", async (goes) => {
    const { first, second, record, [goes]: go, remove, open } = await chain();
    const third = await record("moor at the east quay", second);
    await go(second);
    expect(await open()).toEqual([third]);
    // What held before the one in the middle holds once nothing after it does.
    await remove(third);
    expect(await open()).toEqual([first]);
  });

  it("is left alone when it was deleted itself", async () => {
    const { first, second, remove, open, operations } = await chain();
    await remove(first);
    await remove(second);
    expect(await open()).toEqual([]);
    expect(await operations(first)).toEqual(["create", "supersede", "delete"]);
  });
});
