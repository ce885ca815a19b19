import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { openConnection } from "../../../lib/storage/sqlite/connection.ts";
import { salvage, salvageReport } from "../../../lib/storage/sqlite/salvage.ts";
import {
  chunkDraft,
  context,
  eventDraft,
  newProject,
  planDraft,
  tempFolder,
  write,
} from "../../helpers/store.ts";

const EVENTS = 400;

async function filledStore() {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  const project = await newProject(storage);
  const events = Array.from({ length: EVENTS }, (_, i) =>
    eventDraft(project, { summary: `Number ${i} ${"long ".repeat(40)}` }),
  );
  await storage.transaction(context(project), [
    write(planDraft(project, { title: "The plan" }), { chunks: [chunkDraft("plan of the harbour")] }),
    ...events.map((draft, i) => write(draft, { chunks: [chunkDraft(`tide ${i}`)] })),
  ]);
  await storage.close();
  return { file, project, events };
}

/** Overwrites a page in the middle of a table's own b-tree. */
function damage(file: string, table: string): void {
  const connection = openConnection({ file });
  const pages = connection.db
    .prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    .raw(table);
  const size = Number(connection.db.pragma("page_size"));
  connection.close();
  const page = Number(pages[Math.floor(pages.length / 2)]?.[0]);
  expect(page).toBeGreaterThan(1);
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(descriptor);
}

it("finds every row of a sound store readable", async () => {
  const { file } = await filledStore();
  const { tables, unreadable } = salvageReport(file);
  expect(unreadable).toBeUndefined();
  const rows = Object.fromEntries(tables.map(({ table, rows: n }) => [table, n]));
  expect(rows).toMatchObject({
    events: EVENTS,
    plans: 1,
    chunks: EVENTS + 1,
    changes: EVENTS + 1,
    projects: 1,
  });
  expect(tables.every(({ whole }) => whole)).toBe(true);
});

it("counts what is left on both sides of a damaged page, and leaves the file alone", async () => {
  const { file } = await filledStore();
  damage(file, "events");
  const before = readFileSync(file);
  const events = salvageReport(file).tables.find(({ table }) => table === "events");
  expect(events?.whole).toBe(false);
  expect(events?.rows).toBeGreaterThan(EVENTS / 2);
  expect(events?.rows).toBeLessThan(EVENTS);
  expect(readFileSync(file).equals(before)).toBe(true);
});

it("copies what is left into a new store that works", async () => {
  const { file, project, events } = await filledStore();
  damage(file, "events");
  const into = join(tempFolder(), "saved.db");
  const report = salvage(file, into);
  const kept = report.tables.find(({ table }) => table === "events")?.kept ?? 0;
  expect(kept).toBe(report.tables.find(({ table }) => table === "events")?.rows);
  const storage = await SqliteStorage.open({ file: into, thread: "inline" });
  onTestFinished(() => storage.close());
  expect((await storage.projects.counts(project)).events).toBe(kept);
  expect(await storage.plans.find([project], "the-plan")).toHaveLength(1);
  expect(
    await storage.events.byIds(
      project,
      events.slice(0, 1).map(({ row }) => row.id),
    ),
  ).toHaveLength(1);
  const { hits } = await storage.search.byWords({
    projects: [project],
    terms: [{ term: "harbour", weight: 1 }],
    filter: {},
    limit: 5,
  });
  expect(hits).toHaveLength(1);
});

it("says why nothing can be read, and never overwrites a file", async () => {
  const file = join(tempFolder(), "noise.db");
  writeFileSync(file, Buffer.alloc(20_000, 7));
  expect(salvageReport(file)).toMatchObject({
    tables: [],
    unreadable: expect.stringContaining("not a store"),
  });
  expect(() => salvage(file, file)).toThrow(expect.objectContaining({ code: "conflict" }));
  expect(statSync(file).size).toBe(20_000);
});
