import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { chunkDraft, context, newProject, planDraft, write } from "../../helpers/store.ts";
import { embedAll, openStore, type PassageStoreForTests } from "./passage-store.ts";

/** A sound store with two plans, three passages and a vector each. */
async function openSound(): Promise<PassageStoreForTests> {
  const empty = openStore();
  const storage = await SqliteStorage.open({ file: empty.file, thread: "inline" });
  const project: ProjectId = await newProject(storage);
  await storage.transaction(context(project), [
    write(planDraft(project), { chunks: [chunkDraft("ebb flow"), chunkDraft("flow flow", { ordinal: 1 })] }),
    write(planDraft(project), { chunks: [chunkDraft("slack")] }),
  ]);
  await storage.close();
  const store = openStore({ file: empty.file, project });
  embedAll(store);
  return store;
}

it.each([
  ["passages are missing from the word index", "DELETE FROM words WHERE rowid = 1"],
  ["entries of the word index belong to no passage", "INSERT INTO words (rowid, terms) VALUES (99, 'p1_x')"],
  [
    "projects have wrong term frequencies",
    "UPDATE term_frequencies SET count = count + 1 WHERE term = 'flow'",
  ],
  ["projects have wrong term frequencies", "DELETE FROM term_frequencies WHERE term = '#chunks'"],
  ["projects have wrong term frequencies", "INSERT INTO term_frequencies VALUES (1, 'wreck', 3)"],
  ["passages belong to a row that is gone", "UPDATE plans SET deleted_at = updated_at WHERE slug LIKE '%~2'"],
  ["vectors belong to no passage", "UPDATE vectors SET text_hash = 'x' WHERE chunk_id = 1"],
  ["vectors have the wrong length", "UPDATE vectors SET embedding = x'00' WHERE chunk_id = 1"],
  ["wrongly noted", "DELETE FROM vectors WHERE chunk_id = 2"],
  ["wrongly noted", "INSERT INTO owed_vectors VALUES (1, 1, 1)"],
])("says that %s, and mends it", async (what, damage) => {
  const store = await openSound();
  expect(store.all.check()).toEqual([]);
  expect(store.all.repair()).toEqual([]);
  store.db.exec(damage);
  expect(store.all.check().map((finding) => finding.what)).toContainEqual(expect.stringContaining(what));
  expect(store.all.repair().at(-1)).toContain("Rebuilt the word index");
  expect(store.all.check()).toEqual([]);
});

it("counts passages, and vectors by space", async () => {
  const store = await openSound();
  expect(store.all.figures()).toMatchObject({ chunks: 3, vectors: 3, spaces: [{ model: "m", vectors: 3 }] });
});
