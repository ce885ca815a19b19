import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { refsOf } from "../../../lib/domain/ids.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { openConnection } from "../../../lib/storage/sqlite/connection.ts";
import {
  after,
  context,
  eventDraft,
  NOON,
  newProject,
  planDraft,
  tempFolder,
  write,
} from "../../helpers/store.ts";

/** A store with one plan and two sealed changes, and a second connection for tampering. */
async function storeAndVandal() {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  const vandal = openConnection({ file });
  onTestFinished(async () => {
    await storage.close();
    vandal.close();
  });
  const project = await newProject(storage);
  await storage.transaction(context(project), [write(planDraft(project)), write(eventDraft(project))]);
  await storage.changes.seal(project, NOON);
  const whats = async () =>
    (await storage.upkeep.check()).map(({ severity, what }) => `${severity}: ${what}`);
  return { storage, project, db: vandal.db, whats };
}

async function closedStore() {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  const project = await newProject(storage);
  await storage.transaction(context(project), [write(planDraft(project))]);
  await storage.close();
  return { file, project };
}

/** Sets the number of cells of an index's only page to 0 (https://sqlite.org/fileformat2.html#b_tree_pages). */
function emptyLeafPage(file: string, index: string): void {
  const { db, close } = openConnection({ file });
  const [[page, offset] = []] = db.prepare("SELECT pageno, pgoffset FROM dbstat WHERE name = ?").raw(index);
  close();
  expect(page).toBeGreaterThan(1);
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(2), 0, 2, Number(offset) + 3);
  closeSync(descriptor);
}

it("finds nothing in a store that nobody touched", async () => {
  const { whats } = await storeAndVandal();
  expect(await whats()).toEqual([]);
});

it.each([
  ["a changed line", "UPDATE changes SET actor = 'somebody else' WHERE seq = 1"],
  ["a removed line", "DELETE FROM changes WHERE seq = 2"],
  ["a changed seal", "UPDATE change_seals SET previous = hash"],
])("notices %s of the sealed change log", async (_, sql) => {
  const { db, whats } = await storeAndVandal();
  db.exec(sql);
  expect(await whats()).toContainEqual(
    expect.stringMatching(/^error: The changes 1 to 2 .* not what was sealed/),
  );
});

it("chains seals: a removed one breaks the next", async () => {
  const { storage, project, db, whats } = await storeAndVandal();
  await storage.transaction(context(project), [write(planDraft(project))]);
  await storage.changes.seal(project, after(1));
  expect(await whats()).toEqual([]);
  db.exec("DELETE FROM change_seals WHERE from_seq = 1");
  expect(await whats()).toEqual([expect.stringMatching(/The changes 3 to 3/)]);
});

it("notices rows without their revision, rows without a change line and rows without a project", async () => {
  const { db, whats } = await storeAndVandal();
  db.exec("DELETE FROM revisions WHERE kind = 'plan'");
  expect(await whats()).toContainEqual(expect.stringMatching(/^warning: 1 plans have no kept body/));
  db.exec("UPDATE events SET revision = 9");
  expect(await whats()).toContainEqual(expect.stringMatching(/^warning: 1 events have no change line/));
  db.exec("PRAGMA foreign_keys = OFF; DELETE FROM project_keys; DELETE FROM projects");
  expect(await whats()).toContainEqual(expect.stringMatching(/^error: 1 rows of plans belong to a project/));
});

it("rebuilds an index that disagrees with its table", async () => {
  const { file, project } = await closedStore();
  emptyLeafPage(file, "plans_updated");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  onTestFinished(() => storage.close());
  const whats = async () => (await storage.upkeep.check()).map(({ what }) => what);
  expect(await whats()).toContainEqual(expect.stringMatching(/^The file is damaged: .*plans_updated/));
  expect(await storage.upkeep.repair()).toEqual(["Rebuilt the indexes of the store."]);
  expect(await whats()).toEqual([]);
  expect((await storage.plans.query({ projects: [project] }, { limit: 5 })).count).toBe(1);
});

it("leaves the chores to another janitor until its lock runs out", async () => {
  const { storage, project, db } = await storeAndVandal();
  await storage.transaction(context(project), [write(planDraft(project))]);
  db.prepare("INSERT INTO locks (name, holder, expires_at) VALUES ('janitor', 'another', ?)").run(after(60));
  expect(await storage.upkeep.janitor(after(59))).toBe(false);
  expect((await storage.upkeep.figures()).unsealedChanges).toBe(1);
  expect(await storage.upkeep.janitor(after(60))).toBe(true);
  expect((await storage.upkeep.figures()).unsealedChanges).toBe(0);
  expect(db.prepare("SELECT count(*) AS n FROM locks").get()).toEqual({ n: 0 });
});

it("gives a row the next group of its hash when its ref is taken in the project", async () => {
  const { storage, project, db } = await storeAndVandal();
  const draft = planDraft(project, { title: "Unlucky" });
  const [first = "", second = ""] = refsOf("plan", draft.row.id);
  db.prepare("UPDATE plans SET ref = ?").run(first);
  const [result] = await storage.transaction(context(project), [write(draft)]);
  expect(result?.ref).toBe(second);
  expect(second).toMatch(/^pln_[a-z2-7]{8}$/);
});
