import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { migrateBetween } from "../../lib/knowledge/migrate-store.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { openDriver } from "../../lib/storage/sqlite/driver-choice.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { context, eventDraft, NOON, newProject, tempFolder, write } from "../helpers/store.ts";
import { linesOf } from "../helpers/transfer.ts";

async function openFile(): Promise<SqliteStorage> {
  const storage = await SqliteStorage.open({ file: join(tempFolder(), "knowledge.db"), thread: "inline" });
  onTestFinished(() => storage.close());
  return storage;
}

describeWithServer("migration between engines", () => {
  let database: TestDatabase | undefined;
  beforeEach(async () => {
    database = await newDatabase();
  });
  afterEach(() => database?.drop());
  const url = () => database?.url ?? "";

  it("carries a store to PostgreSQL and back, byte for byte, once each", async () => {
    const { type, put, folderOf } = makeCommandLine();
    const json = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      const { status, out } = await type([...args, "--json"], { env });
      return { status, ...JSON.parse(out) };
    };
    put("project/docs/PLAN_pier.md", "# Build a pier\n\nStart at the wall.\n");
    await type(["index", "--no-embed"]);
    await type(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
    const to = ["migrate-to-postgres", "--connection", url()];
    expect(await json(to)).toMatchObject({ status: 5, error: { code: "schema_mismatch" } });
    await type(["migrate", "--storage", "postgres", "--connection", url()]);

    const dry = await json([...to, "--dry-run"]);
    expect(dry).toMatchObject({ status: 0, ok: true, dryRun: true, done: dry.found });
    const there = await json([...to, "--batch-size", "2"]);
    expect(there).toMatchObject({ status: 0, ok: true, found: dry.found, done: dry.found });
    expect(there.verified).toMatchObject({ equal: true, differences: [] });
    expect(there.verified.perKind.event).toMatchObject({ here: 1, there: 1, hashHere: expect.any(String) });
    expect(there.sampled).toMatchObject({ rows: 2, differences: [] });
    expect(there.speed).toMatchObject({ records: dry.found, kinds: { event: { records: 1 } } });
    expect(await json([...to, "--resume"])).toMatchObject({ status: 0, done: 0, unchanged: dry.found });

    const back = ["migrate-to-sqlite", "--connection", url(), "--db", "back.db"];
    expect(await json(back)).toMatchObject({ status: 0, ok: true, done: dry.found });
    await json(["export-db", "--output", "a.jsonl"]);
    await json(["export-db", "--output", "b.jsonl", "--db", "back.db"]);
    const read = (name: string) => readFileSync(join(folderOf("project"), name), "utf8");
    expect(read("b.jsonl")).toBe(read("a.jsonl"));
  });

  it("names what stands with other content in the target, and ends with status 6", async () => {
    const { type } = makeCommandLine();
    const { id } = JSON.parse((await type(["create-plan", "--title", "Pier", "--json"])).out);
    await type(["migrate", "--storage", "postgres", "--connection", url()]);
    const to = ["migrate-to-postgres", "--connection", url(), "--json"];
    await type(to);
    expect((await type(to.slice(0, -1))).out).toContain("1 row chosen at random");
    await type(["update-plan", id, "--status", "active", "--storage", "postgres", "--connection", url()]);
    const dry = await type([...to, "--dry-run"]);
    expect({ status: dry.status, ...JSON.parse(dry.out) }).toMatchObject({
      ...{ status: 6, ok: false, dryRun: true, done: 0 },
      failed: [
        { item: expect.stringMatching(/^plan /), reason: expect.stringContaining("stands with other") },
      ],
    });
    const { status, out } = await type(to);
    expect(status).toBe(6);
    const { failed, verified, sampled } = JSON.parse(out);
    expect(sampled.differences).toContainEqual({ item: `plan ${id}`, field: "status" });
    expect(failed).toMatchObject([{ item: expect.stringMatching(/^plan /) }]);
    expect(verified.equal).toBe(false);
    expect(verified.differences[0]).toMatchObject({ kind: "plan", what: "differs" });
  });

  it("names a row with a date that there is not, and lets PostgreSQL make none of it", async () => {
    const { type, env } = makeCommandLine();
    const { id } = JSON.parse((await type(["create-plan", "--title", "Pier", "--json"])).out);
    await type(["create-plan", "--title", "Lock"]);
    await type(["migrate", "--storage", "postgres", "--connection", url()]);
    const file = join(env.AIKNOWSYS_HOME, "knowledge.db");
    for (const date of ["yesterday", "now", "epoch", "infinity"]) {
      const db = openDriver(file, { readonly: false, busyTimeoutMs: 1_000 });
      db.exec("PRAGMA ignore_check_constraints = ON");
      db.prepare("UPDATE plans SET created_at = ? WHERE id = ?").run(date, id);
      db.close();
      const { status, out } = await type(["migrate-to-postgres", "--connection", url(), "--json"]);
      expect(status).toBe(6);
      const { kinds, failed } = JSON.parse(out);
      expect(kinds.plan).toMatchObject({ found: 2, failed: 1 });
      expect(failed[0]).toMatchObject({
        item: expect.stringContaining(id),
        reason: expect.stringMatching(/^createdAt: /),
      });
      const there = await type(["query-plans", "--storage", "postgres", "--connection", url(), "--json"]);
      expect(JSON.parse(there.out).count).toBe(1);
    }
  });

  it.each([["copy"], ["verify"]])(
    "says that it was interrupted in its step %s, and is not ok",
    async (when) => {
      const [source, target] = [await openFile(), await openFile()];
      const project = await newProject(source);
      await source.transaction(context(project), [write(eventDraft(project)), write(eventDraft(project))]);
      const controller = new AbortController();
      const report = await migrateBetween(
        { clock: () => 0, actor: "mover" },
        {
          ...{ source, target, signal: controller.signal, batchSize: 1 },
          onProgress: (step) => step === when && controller.abort(),
        },
      );
      expect(report).toMatchObject({ ok: false, interrupted: true, failed: [] });
      expect(report).not.toHaveProperty("verified");
      const again = await migrateBetween({ clock: () => 0, actor: "mover" }, { source, target });
      expect(again).toMatchObject({ ok: true, verified: { equal: true } });
      expect(again).not.toHaveProperty("interrupted");
    },
  );

  it("is finished by doing it again, wherever it was broken off", async () => {
    const source = await SqliteStorage.open({ file: join(tempFolder(), "knowledge.db"), thread: "inline" });
    const project = await newProject(source);
    const events = Array.from({ length: 30 }, () => write(eventDraft(project)));
    await source.transaction(context(project), events);
    await source.changes.seal(project, NOON);
    const target = await PostgresStorage.open({ url: url(), migrate: true });
    const deps = { clock: () => 0, actor: "mover" };
    let written = 0;
    for (let batches = 1; ; batches++) {
      let left = batches;
      const breaking: typeof target.transfer = {
        ...target.transfer,
        write: (records, options) => {
          if (left-- === 0) throw new Error("killed");
          return target.transfer.write(records, options);
        },
      };
      const { plans, sessions, patterns, events: rows } = target;
      const broken = { plans, sessions, patterns, events: rows, transfer: breaking };
      const run = { source, target: broken, batchSize: 7 };
      const report = await migrateBetween(deps, run).catch(() => undefined);
      if (report === undefined) continue;
      written = report.done;
      expect(report).toMatchObject({ ok: true, verified: { equal: true } });
      expect(batches).toBeGreaterThan(10);
      break;
    }
    expect(written).toBeLessThan(8);
    expect(await linesOf(target)).toEqual(await linesOf(source));
    await Promise.all([source.close(), target.close()]);
  });
});
