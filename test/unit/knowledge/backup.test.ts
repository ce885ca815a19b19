import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TransferRecord } from "../../../lib/domain/transfer-record.ts";
import { backupTenant, requireWhole } from "../../../lib/knowledge/backup.ts";
import { exportStore } from "../../../lib/knowledge/export-store.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { context, eventDraft, NOON, newProject, tempFolder, write } from "../../helpers/store.ts";

it("an export is read again after it was written, and what is missing or other in it is noticed", async () => {
  const folder = tempFolder();
  const storage = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  const project = await newProject(storage);
  await storage.transaction(context(project), [write(eventDraft(project, { summary: "low tide" }))]);
  const output = join(folder, "a.jsonl");
  const { found } = await exportStore({ storage, clock: Date.now }, { output });
  await storage.close();
  await expect(requireWhole(output, found)).resolves.toBeUndefined();
  await expect(requireWhole(output, found + 1)).rejects.toThrow(`${found} of ${found + 1} records`);
  const text = readFileSync(output, "utf8");
  for (const other of [
    text.replace("low tide", "high tide"),
    text.slice(0, -40),
    text.replace('"event"', '"dream"'),
  ]) {
    writeFileSync(output, other);
    await expect(requireWhole(output, found)).rejects.toMatchObject({ code: "corrupt" });
  }
});

it("a tenant's backup whose lines cannot be read again does not come to stand", async () => {
  const folder = tempFolder();
  const storage = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  await newProject(storage);
  const { transfer } = storage;
  const handingOut =
    (altered: (record: TransferRecord) => TransferRecord): typeof transfer.read =>
    async (...args) => {
      const { records, ...rest } = await transfer.read(...args);
      return { ...rest, records: records.map(altered) };
    };
  // A record that is another one when it is written.
  const read = handingOut((record) => {
    let looks = 0;
    const get = () => (looks++ === 0 ? "pier" : 5);
    return Object.defineProperty({ ...record }, "name", { enumerable: true, get });
  });
  const backups = join(folder, "backups");
  const request = { tenant: "harbour", store: "00000000", folder: backups, at: NOON };
  const odd = { storage: { transfer: { ...transfer, read } }, ...request };
  await expect(backupTenant({ clock: Date.now }, odd)).rejects.toMatchObject({ code: "corrupt" });
  expect(readdirSync(backups)).toEqual([]);
  const damaged = handingOut((record) => ({ ...record, colour: "red" }));
  const left = await backupTenant(
    { clock: Date.now },
    { ...request, storage: { transfer: { ...transfer, read: damaged } }, folder: join(folder, "others") },
  );
  expect(left).toMatchObject({ rows: {}, damaged: 1 });
  expect(left.faults).toEqual([
    { item: expect.stringMatching(/^project /), reason: expect.stringContaining("colour") },
  ]);
  await backupTenant({ clock: Date.now }, { storage, ...request });
  expect(readdirSync(backups)).toHaveLength(2);
  await storage.close();
});
