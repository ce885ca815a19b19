import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";

const ISSUES = [
  {
    id: "mo-1",
    title: "Moor the barge",
    description: "At the north wall.",
    status: "open",
    issue_type: "task",
  },
  { id: "mo-2", title: "Dredge the basin", description: "Four metres.", status: "open", issue_type: "task" },
  {
    id: "mo-3",
    title: "Paint the crane",
    description: "Yellow.",
    closed_at: "2026-02-03T10:00:00Z",
    status: "closed",
    issue_type: "chore",
  },
];

/** A store with a plan of its own, and what another tool keeps. */
async function filled() {
  const cli = makeCommandLine();
  const json = async (args: readonly string[], options = {}) => {
    const { status, out } = await cli.type([...args, "--json"], options);
    return { status, ...JSON.parse(out) };
  };
  const own = await json([
    "create-plan",
    "--title",
    "Build a lock",
    "--content",
    "# Build a lock\n\nIn the canal.\n",
  ]);
  const putIssues = (issues: readonly object[] = ISSUES) =>
    cli.put("project/issues.jsonl", `${issues.map((issue) => JSON.stringify(issue)).join("\n")}\n`);
  putIssues();
  const importIssues = () => json(["import-from", "beads", "issues.jsonl"]);
  const plans = async (options = {}) =>
    (await json(["query-plans", "--sort", "title", "--all-projects"], options)).plans.map(
      ({ title }: { title: string }) => title,
    );
  const operations = async (id: string) =>
    (await json(["history", id])).entries.map(({ operation }: { operation: string }) => operation);
  return { ...cli, json, own, putIssues, importIssues, plans, operations };
}

describe("undo of an import from another tool", () => {
  it("takes away what came, keeps its history, and can itself be undone", async () => {
    const { json, importIssues, plans, operations, type } = await filled();
    const { batch, done } = await importIssues();
    expect(done).toBe(3);
    expect((await json(["history", "mo-1"])).entries).toMatchObject([{ operation: "create", batch }]);
    expect((await json(["search", "dredge", "--mode", "text"])).count).toBe(1);
    const dry = await json(["undo", batch, "--dry-run"]);
    expect(dry).toMatchObject({ status: 0, dryRun: true, found: 3, done: 3, removed: 3, restored: 0 });
    expect(dry).not.toHaveProperty("batch");
    expect(await plans()).toHaveLength(4);
    const undone = await json(["undo", batch]);
    expect(undone).toMatchObject({
      status: 0,
      ok: true,
      undone: batch,
      found: 3,
      done: 3,
      removed: 3,
      restored: 0,
    });
    expect(await plans()).toEqual(["Build a lock"]);
    expect((await json(["search", "dredge", "--mode", "text"])).count).toBe(0);
    expect(await operations("mo-1")).toEqual(["create", "delete"]);
    expect(await json(["undo", batch])).toMatchObject({ status: 0, done: 0, unchanged: 3, removed: 0 });
    expect(await json(["undo", undone.batch])).toMatchObject({ status: 0, done: 3, removed: 0, restored: 3 });
    expect(await plans()).toEqual(["Build a lock", "Dredge the basin", "Moor the barge", "Paint the crane"]);
    expect(await operations("mo-1")).toEqual(["create", "delete", "restore"]);
    expect((await json(["search", "dredge", "--mode", "text"])).count).toBe(1);
    expect(await json(["doctor"])).toMatchObject({ status: 0, ok: true });
    expect((await type(["undo", batch.toUpperCase(), "--dry-run"])).status).toBe(6);
  });

  it("gives back what a later import changed, and leaves the first one's rows", async () => {
    const { json, importIssues, putIssues, plans, operations } = await filled();
    const first = await importIssues();
    const show = async () => (await json(["show", "mo-2", "--detail", "full"])).content;
    const before = await show();
    putIssues(
      ISSUES.map((issue) => (issue.id === "mo-2" ? { ...issue, description: "Six metres." } : issue)),
    );
    const second = await importIssues();
    expect(second).toMatchObject({ done: 1, unchanged: 2 });
    expect(await show()).toContain("Six metres.");
    expect(await json(["undo", second.batch])).toMatchObject({ done: 1, removed: 0, restored: 1 });
    expect(await show()).toBe(before);
    expect(await plans()).toHaveLength(4);
    expect(await operations("mo-2")).toEqual(["create", "update", "update"]);
    expect(first.batch).not.toBe(second.batch);
  });

  it("leaves and names what was changed since, ends with 6, and leaves what was deleted", async () => {
    const { json, importIssues, plans, type } = await filled();
    const { batch } = await importIssues();
    await json(["update-plan", "mo-1", "--status", "active"]);
    await json(["delete", "mo-2"]);
    const undone = await json(["undo", batch]);
    expect(undone).toMatchObject({ status: 6, ok: false, found: 3, done: 1, unchanged: 1, removed: 1 });
    expect(undone.failed).toEqual([
      {
        item: expect.stringMatching(/^pln_\w{8} \(Moor the barge\)$/),
        reason: "was changed since: it is at revision 2, the batch left it at 1",
      },
    ]);
    expect(await plans()).toEqual(["Build a lock", "Moor the barge"]);
    const { err } = await type(["undo", batch]);
    expect(err).toContain("was changed since");
  });

  it("says which batch is not there", async () => {
    const { json, importIssues } = await filled();
    const none = await json(["undo", "019c3f2a-6c1e-7a40-9d0b-5f3e2a1b4c5d"]);
    expect(none).toMatchObject({
      status: 3,
      error: { code: "not_found", hint: expect.stringContaining("reports") },
    });
    expect(await json(["undo", "batch"])).toMatchObject({ status: 3, error: { code: "not_found" } });
    const dry = await json(["import-from", "beads", "issues.jsonl", "--dry-run"]);
    expect(dry).not.toHaveProperty("batch");
    await importIssues();
    expect(await importIssues()).not.toHaveProperty("batch");
  });
});

describe("undo of what is no import", () => {
  it("refuses a merge of projects, as its rows' history names it", async () => {
    const { json } = await filled();
    const { ref } = await json(["create-plan", "--title", "Elsewhere"], { in: "another" });
    expect(await json(["project", "merge", "another", "project", "--yes"])).toMatchObject({ status: 0 });
    const { batch } = (await json(["history", ref, "--all-projects"])).entries.at(-1);
    expect(batch).toMatch(/^merge prj_/);
    expect(await json(["undo", batch])).toMatchObject({
      status: 2,
      error: { code: "unsupported", message: expect.stringMatching(/^"merge prj_.*" made two projects one/) },
    });
    expect((await json(["show", ref, "--all-projects"])).title).toBe("Elsewhere");
  });
});

describe("undo of an import of an export", () => {
  it("takes away what came with its own history, in all projects, and keeps that history", async () => {
    const from = await filled();
    await from.importIssues();
    await from.json(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
    await from.json(["create-plan", "--title", "Elsewhere"], { in: "another" });
    await from.json(["export-db", "--output", "all.jsonl"]);
    const other = { env: { AIKNOWSYS_HOME: join(from.folderOf("second"), "home") } };
    const mine = await from.json(["create-plan", "--title", "Mine already"], other);
    const before = await from.json(["status"], other);
    const came = await from.json(["import-db", "--input", "all.jsonl"], other);
    expect(came).toMatchObject({ status: 0, ok: true });
    expect(await from.plans(other)).toHaveLength(6);
    const history = await from.json(["history", "mo-1", "--all-projects"], other);
    expect(history.imports).toEqual([{ at: expect.any(String), actor: "tester", batch: came.batch }]);
    expect(history.entries).toHaveLength(1);
    expect((await from.type(["history", "mo-1", "--all-projects"], other)).out).toContain(
      `batch ${came.batch}`,
    );
    const undone = await from.json(["undo", came.batch], other);
    expect(undone).toMatchObject({ status: 0, found: 6, done: 6, removed: 6, restored: 0 });
    expect(undone.kinds).toMatchObject({ plan: { done: 5 }, event: { done: 1 } });
    expect(await from.plans(other)).toEqual([mine.title]);
    expect((await from.json(["status"], other)).counts).toEqual(before.counts);
    expect((await from.json(["history", "mo-1", "--all-projects"], other)).entries).toHaveLength(2);
    expect(await from.json(["doctor"], other)).toMatchObject({ ok: true });
    expect(await from.json(["import-db", "--input", "all.jsonl", "--dry-run"], other)).not.toHaveProperty(
      "batch",
    );
    expect(await from.json(["undo", undone.batch], other)).toMatchObject({ done: 6, restored: 6 });
    expect(await from.plans(other)).toHaveLength(6);
  });

  it("is said once when the export comes again, with the way back, and no other row is hidden by it", async () => {
    const from = await filled();
    await from.importIssues();
    await from.json(["export-db", "--output", "all.jsonl"]);
    const other = { env: { AIKNOWSYS_HOME: join(from.folderOf("second"), "home") } };
    const came = await from.json(["import-db", "--input", "all.jsonl"], other);
    await from.json(["delete", "mo-2", "--all-projects"], other);
    await from.json(["undo", came.batch], other);
    const undone = (await from.json(["history", "mo-1", "--all-projects"], other)).entries.at(-1).batch;
    const once = (reason: RegExp) => ({
      item: "3 rows",
      reason: expect.stringMatching(new RegExp(`${reason.source}.*aiknowsys undo ${undone}$`)),
    });
    const again = await from.json(["import-db", "--input", "all.jsonl"], other);
    expect(again).toMatchObject({ status: 6, ok: false, done: 0, kinds: { plan: { found: 4, failed: 4 } } });
    expect(again.failed).toEqual([
      { item: expect.any(String), line: expect.any(Number), reason: expect.stringContaining("stands with") },
      once(/^were removed here by `undo`/),
    ]);
    const kept = await from.json(["import-db", "--input", "all.jsonl", "--on-conflict", "keep"], other);
    expect(kept).toMatchObject({ status: 0, failed: [], kinds: { plan: { skipped: 4 } } });
    expect(kept.skipped).toContainEqual(once(/^were removed here by `undo`/));
    // What was changed where it came from is another matter than what was undone here.
    await from.json(["update-plan", "mo-1", "--title", "Moor two barges"]);
    await from.json(["export-db", "--output", "all.jsonl"]);
    const later = await from.json(["import-db", "--input", "all.jsonl"], other);
    expect(later.failed.map(({ item }: { item: string }) => item)).toContain("2 rows");
    expect(await from.json(["undo", undone], other)).toMatchObject({ status: 0, restored: 3 });
  });

  it("gives back what it replaced", async () => {
    const { json, own, type } = await filled();
    await json(["export-db", "--output", "old.jsonl"]);
    await json(["update-plan", own.ref, "--title", "Build two locks"]);
    const came = await json(["import-db", "--input", "old.jsonl", "--on-conflict", "replace"]);
    const title = async () => (await json(["show", own.ref])).title;
    expect(await title()).toBe("Build a lock");
    const { out, err } = await type(["undo", came.batch]);
    expect(out).toContain("0 rows that had come are removed; 1 row is as it was before.");
    expect(err).toMatch(/Undo this with: aiknowsys undo [0-9a-f-]{36}\n$/);
    expect(await title()).toBe("Build two locks");
  });
});

describeWithServer("undo on PostgreSQL", () => {
  it("does and says what it does on SQLite", async () => {
    const database = await newDatabase();
    try {
      const { json, own, importIssues, type } = await filled();
      await importIssues();
      await json(["export-db", "--output", "all.jsonl"]);
      const postgres = { env: { STORAGE_TYPE: "postgres", POSTGRES_URL: database.url } };
      const second = { env: { AIKNOWSYS_HOME: "second" } };
      expect((await type(["migrate"], postgres)).status).toBe(0);
      const reports = async (options: object) => {
        const came = await json(["import-db", "--input", "all.jsonl"], options);
        await json(["update-plan", own.ref, "--title", "Build two locks"], options);
        const undone = await json(["undo", came.batch], options);
        const again = await json(["import-db", "--input", "all.jsonl", "--on-conflict", "replace"], options);
        const replaced = await json(["undo", again.batch], options);
        const back = await json(["undo", undone.batch], options);
        return [undone, replaced, back].map(({ tookMs: _, batch, undone: __, ...report }) => ({
          ...report,
          isUndoable: batch !== undefined,
        }));
      };
      const here = await reports(second);
      expect(here).toMatchObject([
        {
          status: 6,
          removed: 3,
          restored: 0,
          failed: [{ reason: expect.stringContaining("changed since") }],
        },
        { status: 0, removed: 0, restored: 4 },
        { status: 6, removed: 0, restored: 0, isUndoable: false },
      ]);
      expect(await reports(postgres)).toEqual(here);
    } finally {
      await database.drop();
    }
  }, 120_000);
});
