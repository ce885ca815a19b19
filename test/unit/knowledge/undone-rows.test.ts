import { expect, it } from "vitest";
import type { TransferRecord } from "../../../lib/domain/transfer-record.ts";
import { UndoneRows } from "../../../lib/knowledge/undone-rows.ts";
import { sqliteStore } from "../../helpers/http-service.ts";
import { context, eventDraft, newProject, write } from "../../helpers/store.ts";
import { readAll } from "../../helpers/transfer.ts";

it("asks of no more than a thousand rows that were not undone who removed them", async () => {
  const storage = await sqliteStore();
  const project = await newProject(storage);
  await storage.transaction(context(project), [write(eventDraft(project))]);
  const [event] = (await readAll(storage)).filter(({ record }) => record === "event");
  if (event === undefined) throw new Error("There is no event.");
  const records: TransferRecord[] = Array(1_500).fill(event);
  let asked = 0;
  const ofRow: typeof storage.changes.ofRow = (...row) => {
    asked += 1;
    return storage.changes.ofRow(...row);
  };
  const undone = new UndoneRows({ changes: { ...storage.changes, ofRow } });
  const notes = records.map((_, index) => ({ index, what: "failed" as const, reason: "stands" }));
  expect(await undone.among(records, { written: 0, unchanged: 0, notes })).toEqual(new Set());
  expect(asked).toBe(1_000);
  expect(undone.items()).toEqual([]);
});
