import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requireWhole } from "../../../lib/knowledge/backup.ts";
import { exportStore } from "../../../lib/knowledge/export-store.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { context, eventDraft, newProject, tempFolder, write } from "../../helpers/store.ts";

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
