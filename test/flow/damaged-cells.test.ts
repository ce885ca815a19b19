import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { importStore } from "../../lib/knowledge/import-store.ts";
import { readStore } from "../../lib/knowledge/read-store.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { openDriver } from "../../lib/storage/sqlite/driver-choice.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { asExport, event, of, passage, plan, project, space, uuid, vector } from "../helpers/export-lines.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { tempFolder } from "../helpers/store.ts";

interface Named {
  readonly item: string;
  readonly reason: string;
}

/** A cell, what damages it, and how it is named. */
type Cell = readonly [what: string, sql: string, item: string, reason: RegExp];

const PLAN = `plan pln_00000001 (${uuid(1)})`;
const EVENT = `event evt_00000002 (${uuid(2)})`;
const REVISION = `revision 1 of event ${uuid(2)}`;

/** Cells of which no record can be made, or one that no store takes. */
const CELLS: readonly Cell[] = [
  ["a list that is no JSON", "UPDATE plans SET topics = 'not json'", PLAN, /^topics is no JSON$/],
  ["data that is cut off", "UPDATE events SET data = '[1'", EVENT, /^data is no JSON$/],
  ["a body that is no text", "UPDATE revisions SET body = x'00ff'", REVISION, /^body: /],
  [
    "a packed body that is none",
    "UPDATE revisions SET body = x'00ff', encoding = 'deflate'",
    REVISION,
    /^body cannot be unpacked$/,
  ],
  ["an id that is none", "UPDATE plans SET id = 'zzz'", "plan pln_00000001 (zzz)", /^id: /],
  ["a status that there is not", "UPDATE plans SET status = 'FOO'", PLAN, /^status: /],
  ["a revision below one", "UPDATE plans SET revision = -5", PLAN, /^revision: /],
  ["a date that is none", "UPDATE plans SET created_at = 'yesterday'", PLAN, /^createdAt: /],
];

/** What is sound by itself and does not fit to the rest: an export carries it, and no other store takes it. */
const STRAYS: readonly Cell[] = [
  [
    "a project that is not there",
    `UPDATE plans SET project_id = '${uuid(9)}'`,
    PLAN,
    /^belongs to a project that is not there$/,
  ],
  [
    "a vector of one byte",
    "UPDATE vectors SET embedding = x'00'",
    `vector 0 of event ${uuid(2)}`,
    /^holds 1 byte/,
  ],
];

const SOUND = [
  ...[project(), space, plan(1, "PLAN_pier"), plan(3, "PLAN_sound"), event(2), event(4)],
  ...[{ record: "revision", ...of(2), revision: 1, body: "{}" }, passage(2), passage(4), vector(2, 1, 2)],
];

async function damagedStore(sql: string) {
  const { run, file, say } = soundExport();
  await run("import-db", "--input", "sound.jsonl", "--db", "store.db");
  const db = openDriver(file("store.db"), { readonly: false, busyTimeoutMs: 0 });
  db.exec(`PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; ${sql} WHERE ${firstOf(sql)}`);
  db.close();
  return { run, file, say };
}

/** The export of a sound store, and a command line. */
function soundExport() {
  const { type, put, folderOf } = makeCommandLine();
  put("project/sound.jsonl", asExport(SOUND));
  return {
    file: (name: string) => join(folderOf("project"), name),
    run: async (...args: readonly string[]) => {
      const { status, out, err } = await type([...args, "--json"]);
      expect(`${out}${err}`).not.toContain("Internal error");
      return { status, ...JSON.parse(out) };
    },
    say: (...args: readonly string[]) => type(args),
  };
}

/** The first row alone is damaged. */
function firstOf(sql: string): string {
  const [, table = ""] = sql.split(" ");
  const id = { plans: "id", events: "id", revisions: "row_id", vectors: "true" }[table];
  return id === "true" ? "true" : `${id} = '${table === "plans" ? uuid(1) : uuid(2)}'`;
}

function expectNamed(list: readonly Named[], [, , item, reason]: Cell): void {
  expect(list).toContainEqual({ item, reason: expect.stringMatching(reason) });
}

describe.each([...CELLS, ...STRAYS])("a store with %s", (...cell) => {
  const [, sql, item] = cell;
  const isStray = STRAYS.some(([, stray]) => stray === sql);

  it("is exported without it", async () => {
    const { run, file } = await damagedStore(sql);
    const report = await run("export-db", "--output", "out.jsonl", "--db", "store.db");
    expect(report).toMatchObject({ status: isStray ? 0 : 6, ok: isStray, found: SOUND.length });
    if (!isStray) expectNamed(report.failed, cell);
    expect(report.done).toBe(SOUND.length - report.failed.length);
    expect(readFileSync(file("out.jsonl"), "utf8")).toContain("PLAN_sound");
    const dry = await run("import-db", "--input", "out.jsonl", "--db", "fresh.db", "--dry-run");
    const real = await run("import-db", "--input", "out.jsonl", "--db", "fresh.db");
    const { cut, failed } = real;
    expect(cut).toBeUndefined();
    expect(real.found).toBe(report.done);
    expect(failed.filter(({ reason }: Named) => reason.includes("changed since the export"))).toEqual([]);
    if (isStray) {
      const line = expect.any(Number);
      // A row's project is part of what its hash covers.
      const reason = expect.stringMatching(new RegExp(`${cell[3].source}|contentHash`));
      expect(failed).toContainEqual({ item, reason, line });
      expect(dry).toMatchObject({ failed, status: 6 });
    }
  });

  it("is compared all the same", async () => {
    const { run } = await damagedStore(sql);
    await run("import-db", "--input", "sound.jsonl", "--db", "sound.db");
    expect(await run("verify", "--against", "sound.db", "--db", "store.db")).toMatchObject({
      ...{ status: 6, equal: false },
      perKind: { event: { there: 2 }, plan: { there: 2 } },
    });
    expect(await run("verify", "--against", "store.db", "--db", "sound.db")).toMatchObject({ status: 6 });
  });

  it("is backed up, and the row named", async () => {
    const { run, say, file } = await damagedStore(sql);
    const report = await run("backup", "--output", "backups", "--db", "store.db");
    expect(report).toMatchObject({ status: 6, ok: true });
    expectNamed(report.warnings, cell);
    expect(existsSync(report.path)).toBe(true);
    const { out, err } = await say("backup", "--output", file("backups"), "--db", "store.db");
    expect(err).toContain(item);
    const { damaged } = report;
    const are = damaged === 1 ? "damaged row is in it as it is" : "damaged rows are in it as they are";
    expect(out).toMatch(new RegExp(`^Backed up; ${damaged} ${are}: `));
  });

  it("is written to, and what stands unreadable is named", async () => {
    const { run } = await damagedStore(sql);
    const { failed } = await run("import-db", "--input", "sound.jsonl", "--db", "store.db");
    const isUnreadable = /^\^\w+ (is no JSON|cannot)/.test(cell[3].source);
    const named = { item, reason: expect.stringContaining("cannot be read"), line: expect.any(Number) };
    expect(failed).toEqual(
      isUnreadable ? expect.arrayContaining([named]) : expect.not.arrayContaining([named]),
    );
  });

  it("is examined, and the row named", async () => {
    const { run } = await damagedStore(sql);
    const { ok, checks } = await run("doctor", "--db", "store.db");
    expect(ok).toBe(false);
    expect(checks.map(({ detail }: { detail: string }) => detail)).toContainEqual(
      expect.stringContaining(`Damaged: ${item}, `),
    );
  });
});

it("a row whose hash is not that of its content is taken from a file that a checksum has proved, and no other", async () => {
  const storage = await SqliteStorage.open({ file: join(tempFolder(), "knowledge.db"), thread: "inline" });
  onTestFinished(() => storage.close());
  const input = join(tempFolder(), "a.jsonl");
  writeFileSync(input, asExport([project(), event(1, { contentHash: "d".repeat(64) })]));
  const take = (proved: boolean) =>
    importStore({ storage, clock: Date.now, actor: "tester" }, { input, proved });
  expect(await take(false)).toMatchObject({ ok: false, done: 1, failed: [{ line: 3 }] });
  expect(await take(true)).toMatchObject({ ok: true, done: 1, unchanged: 1 });
});

it("whoever cannot go on without a row is told which", async () => {
  const { file } = await damagedStore("UPDATE plans SET topics = 'not json'");
  const storage = await SqliteStorage.open({ file: file("store.db"), thread: "inline" });
  onTestFinished(() => storage.close());
  const read = async () => {
    for await (const _ of readStore(storage));
  };
  await expect(read()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining(PLAN) });
});

describeWithServer("with PostgreSQL, a damaged store", () => {
  let database: TestDatabase | undefined;
  beforeEach(async () => {
    database = await newDatabase();
  });
  afterEach(() => database?.drop());

  it("there is backed up without what is damaged, and written to", async () => {
    const { run, say } = soundExport();
    const url = database?.url ?? "";
    const there = ["--storage", "postgres", "--connection", url];
    await run("migrate", ...there);
    await run("import-db", "--input", "sound.jsonl", ...there);
    const owner = await adminClient(url);
    const damage = "UPDATE aiknowsys.revisions SET encoding = 'deflate', body = '\\x00ff'";
    await owner.query(damage).finally(() => owner.end());
    const { out, err } = await say("backup", "--output", "backups", ...there);
    expect(out).toMatch(/^Backed up; 1 damaged row is left out of it: /);
    expect(err).toContain(`${REVISION} body cannot be unpacked`);
    const reason = expect.stringContaining("cannot be read (body cannot be unpacked)");
    expect(await run("import-db", "--input", "sound.jsonl", ...there)).toMatchObject({
      ...{ status: 6, done: 0, failed: [{ item: REVISION, reason }] },
    });
  });

  it.each([...CELLS, ...STRAYS])(
    "with %s is migrated as the dry run says, and the rest carried",
    async (...cell) => {
      const { run } = await damagedStore(cell[1]);
      const there = ["--connection", database?.url ?? ""];
      await run("migrate", "--storage", "postgres", ...there);
      const to = ["migrate-to-postgres", "--db", "store.db", ...there];
      const dry = await run(...to, "--dry-run");
      expect(dry).toMatchObject({ status: 6, ok: false });
      expectNamed(dry.failed, cell);
      const real = await run(...to);
      expect(real).toMatchObject({ status: 6, ok: false, kinds: dry.kinds, failed: dry.failed });
      expect(real.verified.equal).toBe(false);
      const verify = ["verify", "--db", "store.db", "--against", database?.url ?? ""];
      expect(await run(...verify)).toMatchObject({ status: 6, equal: false });
      expect(await run("migrate-to-sqlite", ...there, "--db", "back.db")).toMatchObject({
        status: 0,
        ok: true,
      });
      expect(await run(...to)).toMatchObject({ status: 6, done: 0, unchanged: real.done });
    },
  );
});
