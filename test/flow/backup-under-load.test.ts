import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { timestampOf } from "../../lib/domain/timestamp.ts";
import type { RecordOf } from "../../lib/domain/transfer-record.ts";
import { backupTenant } from "../../lib/knowledge/backup.ts";
import { exportSource } from "../../lib/knowledge/export-source.ts";
import { readStore } from "../../lib/knowledge/read-store.ts";
import { type RecordSource, verifyStores } from "../../lib/knowledge/verify-stores.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { backupSqlite } from "../../lib/storage/sqlite/backup.ts";
import { startNode } from "../helpers/node-process.ts";
import { describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { newProject, tempFolder } from "../helpers/store.ts";

/** Writes two events a transaction, and seals now and then, for as long as it is let. Prints after each step. */
const WRITER = `
  const [engine, place, project] = args;
  const { SqliteStorage } = await dist("lib/storage/sqlite/adapter.js");
  const { PostgresStorage } = await dist("lib/storage/postgres/adapter.js");
  const storage = engine === "sqlite"
    ? await SqliteStorage.open({ file: place, thread: "inline" })
    : await PostgresStorage.open({ url: place });
  const { contentHashOf } = await dist("lib/domain/document.js");
  const { rowIdFrom } = await dist("lib/domain/ids.js");
  const { randomBytes } = await import("node:crypto");
  const at = () => new Date().toISOString();
  const draft = (n) => {
    const row = { id: rowIdFrom(Date.now(), randomBytes(16)), project, type: "note", summary: "event " + n, data: { text: "n" },
      tags: [], files: [], occurredAt: at(), recordedAt: at() };
    return { draft: { kind: "event", row: { ...row, contentHash: contentHashOf(row) } }, operation: "create", expectedRevision: 0, slugs: [], chunks: [] };
  };
  for (let n = 0; ; n += 2) {
    await storage.transaction({ project, actor: "writer", at: at() }, [draft(n), draft(n + 1)]);
    if (n % 20 === 0) await storage.changes.seal(project, at());
    console.log(n);
  }
`;

async function startWriter(engine: string, place: string, project: string) {
  const { child, output, ended } = startNode(WRITER, [engine, place, project]);
  const steps = () => output().split("\n").length;
  await expect.poll(steps, { timeout: 30_000 }).toBeGreaterThan(20);
  return {
    steps,
    stop: async () => {
      child.kill("SIGKILL");
      const { errors } = await ended;
      expect(errors).toBe("");
    },
  };
}

async function changesOf(source: RecordSource): Promise<readonly RecordOf<"change">[]> {
  const changes: RecordOf<"change">[] = [];
  for await (const records of source)
    for (const record of records) if (record.record === "change") changes.push(record);
  return changes;
}

const nameOf = ({ id, revision }: RecordOf<"change">) => `${id} ${revision}`;

/**
 * The backup holds the first changes of the log, every transaction whole, and of all else nothing that the store does
 * not hold in the same way.
 */
async function expectPrefix(
  open: () => RecordSource,
  storage: StorageAdapter,
  project: string,
): Promise<number> {
  const { id } = (await storage.projects.list()).find((one) => one.id === project) ?? {};
  if (id === undefined) throw new Error("There is no project.");
  const changes = await changesOf(open());
  const unsealed = new Set(changes.filter(({ seq }) => seq === undefined).map(nameOf));
  const withoutUnsealed = async function* (source: RecordSource): RecordSource {
    for await (const records of source)
      yield records.filter((record) => record.record !== "change" || !unsealed.has(nameOf(record)));
  };
  const compared = await verifyStores(withoutUnsealed(open()), withoutUnsealed(readStore(storage)), {
    mayHoldMore: true,
  });
  expect(compared).toMatchObject({ equal: true, differences: [] });
  await storage.changes.seal(id, timestampOf(Date.now()));
  const whole = (await changesOf(readStore(storage))).filter((change) => change.project === project);
  expect(changes.length).toBeGreaterThan(20);
  expect(changes.length).toBeLessThan(whole.length);
  expect(changes.length % 2).toBe(0);
  const first = whole.slice(0, changes.length);
  expect(first.map(({ seq }) => seq)).toEqual(first.map((_, i) => i + 1));
  expect(new Set(changes.map(nameOf))).toEqual(new Set(first.map(nameOf)));
  return changes.length;
}

describe("a backup of a SQLite store that another process writes to", () => {
  it("is a consistent prefix of its change log, each time", async () => {
    const folder = tempFolder();
    const file = join(folder, "knowledge.db");
    const storage = await SqliteStorage.open({ file, thread: "inline" });
    const project = await newProject(storage);
    const writer = await startWriter("sqlite", file, project);
    const paths: string[] = [];
    for (let n = 0; n < 4; n++) {
      const before = writer.steps();
      paths.push(backupSqlite({ file, folder: join(folder, "backups"), at: timestampOf(Date.now()) }).path);
      await expect.poll(writer.steps).toBeGreaterThan(before + 2);
    }
    await writer.stop();
    const lengths: number[] = [];
    for (const path of paths) {
      const copy = await SqliteStorage.open({ file: path, thread: "inline", readonly: true });
      expect(await copy.upkeep.check()).toEqual([]);
      lengths.push(await expectPrefix(() => readStore(copy), storage, project));
      await copy.close();
    }
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
    expect(readdirSync(join(folder, "backups"))).toHaveLength(8);
    await storage.close();
  }, 60_000);
});

let database: TestDatabase | undefined;
afterEach(() => database?.drop());

describeWithServer("a backup of a PostgreSQL store that another process writes to", () => {
  it("is a consistent prefix of its change log, each time", async () => {
    database = await newDatabase();
    const { url } = database;
    const storage = await PostgresStorage.open({ url, migrate: true });
    const project = await newProject(storage);
    const writer = await startWriter("postgres", url, project);
    const folder = tempFolder();
    const paths: string[] = [];
    for (let n = 0; n < 4; n++) {
      const request = { tenant: "default", store: "00000000", folder, at: timestampOf(Date.now()) };
      paths.push((await backupTenant({ clock: Date.now }, { storage, ...request })).path);
    }
    const before = writer.steps();
    await expect.poll(writer.steps).toBeGreaterThan(before + 2);
    await writer.stop();
    const fail = ({ reason }: { readonly reason: string }): never => {
      throw new Error(reason);
    };
    for (const path of paths) await expectPrefix(() => exportSource(path, fail), storage, project);
    await storage.close();
  }, 60_000);
});
