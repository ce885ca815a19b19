import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { fillStore, storeScript } from "../helpers/generated-store.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { context, eventDraft, makeTempFolder, newProject, projectDraft, write } from "../helpers/store.ts";
import { linesOf, REFUSING, readAll, writeBatches } from "../helpers/transfer.ts";

type WithStore = <Result>(work: (storage: StorageAdapter) => Promise<Result>) => Promise<Result>;

const withSqlite: WithStore = async (work) => {
  const { folder, remove } = makeTempFolder();
  const storage = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  try {
    return await work(storage);
  } finally {
    await storage.close();
    remove();
  }
};

/** A view is of one moment, whatever is written while it is read. */
async function expectOneMoment(storage: StorageAdapter): Promise<void> {
  const project = await newProject(storage);
  await storage.transaction(context(project), [write(eventDraft(project)), write(eventDraft(project))]);
  const whole = await linesOf(storage);
  const snapshot = await storage.transfer.open();
  const before = await storage.transfer.read(snapshot, "event", { limit: 1 });
  await storage.transaction(context(project), [write(eventDraft(project))]);
  await newProject(storage);
  const rest = await storage.transfer.read(snapshot, "event", { limit: 10, after: before.next });
  expect(rest.records).toHaveLength(1);
  expect(await storage.transfer.count(snapshot)).toMatchObject({ project: 1, event: 2, change: 2 });
  await storage.transfer.close(snapshot);
  expect(await linesOf(storage)).not.toEqual(whole);
}

describe("a view of a SQLite store", () => {
  it("shows one moment, whatever is written meanwhile", () => withSqlite(expectOneMoment));
});

/**
 * Copies a store into a new one, twice, and gives what that one holds. @param broken share of the records after which the
 * first copy is broken off and begun again
 */
async function copyInto(
  target: StorageAdapter,
  source: StorageAdapter,
  broken = 0,
): Promise<readonly string[]> {
  const records = await readAll(source);
  const there = Math.floor(records.length * broken);
  await writeBatches(target, records.slice(0, there), REFUSING, 7);
  const first = await writeBatches(target, records);
  expect(first).toEqual({ written: records.length - there, unchanged: there, notes: [] });
  const second = await writeBatches(target, records);
  expect(second).toEqual({ written: 0, unchanged: records.length, notes: [] });
  expect(await target.upkeep.check()).toEqual([]);
  return linesOf(target);
}

const share = fc.double({ noNaN: true, min: 0, max: 1 });

describe("a copy of a generated store", () => {
  it("holds the same on SQLite, and is not written a second time", async () => {
    await fc.assert(
      fc.asyncProperty(storeScript, share, (script, broken) =>
        withSqlite(async (source) => {
          await fillStore(source, script);
          const lines = await linesOf(source);
          expect(await withSqlite((target) => copyInto(target, source, broken))).toEqual(lines);
        }),
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});

describeWithServer("copies between engines", () => {
  let template: TestDatabase | undefined;
  beforeAll(async () => {
    template = await newDatabase();
    await (await PostgresStorage.open({ url: template.url, migrate: true })).close();
  });
  afterAll(() => template?.drop());

  const withPostgres = async <Result>(
    work: (storage: StorageAdapter, database: TestDatabase) => Promise<Result>,
  ): Promise<Result> => {
    const database = await newDatabase({ template: template?.name ?? "" });
    const { url, drop } = database;
    const storage = await PostgresStorage.open({ url });
    try {
      return await work(storage, database);
    } finally {
      await storage.close();
      await drop();
    }
  };

  it("show one moment of a PostgreSQL store, whatever is written meanwhile", () =>
    withPostgres(expectOneMoment));

  it("say that a view is gone with its connection", () =>
    withPostgres(async (storage, { url, name }) => {
      const snapshot = await storage.transfer.open();
      const admin = await adminClient(url);
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
        [name],
      );
      await admin.end();
      const read = () => storage.transfer.read(snapshot, "event", { limit: 1 });
      await expect(read()).rejects.toMatchObject({ code: "unavailable" });
      await storage.transfer.close(snapshot);
      await expect(read()).rejects.toMatchObject({ code: "unavailable" });
      expect(await readAll(storage)).toEqual([]);
    }));

  it.each([
    ["SQLite to PostgreSQL and back", withSqlite, withPostgres],
    ["PostgreSQL to SQLite and back", withPostgres, withSqlite],
  ] as const)(
    "hold the same from %s",
    async (_, withOne, withOther) => {
      await fc.assert(
        fc.asyncProperty(storeScript, share, (script, broken) =>
          withOne(async (source) => {
            await fillStore(source, script);
            const lines = await linesOf(source);
            await withOther(async (target) => {
              expect(await copyInto(target, source, broken)).toEqual(lines);
              expect(await withOne((again) => copyInto(again, target))).toEqual(lines);
            });
          }),
        ),
        { numRuns: 12 },
      );
    },
    240_000,
  );

  // A folder of unpacked corpora, each a project of its own; they are not part of this repository.
  const corpora = process.env.TEST_CORPORA;
  const names = corpora === undefined ? [] : readdirSync(corpora);
  describe.runIf(corpora !== undefined)("of corpora", () => {
    it.each(names)(
      "hold the same: %s",
      async (name) => {
        await withSqlite(async (source) => {
          await indexFolder(source, join(corpora ?? "", name));
          const lines = await linesOf(source);
          expect(lines.length).toBeGreaterThan(1);
          await withPostgres(async (target) => {
            expect(await copyInto(target, source)).toEqual(lines);
            expect(await withSqlite((again) => copyInto(again, target))).toEqual(lines);
          });
        });
      },
      240_000,
    );
  });
});

async function indexFolder(storage: StorageAdapter, root: string): Promise<void> {
  const project = await storage.projects.register(projectDraft({ roots: [root] }));
  const silent = (): void => undefined;
  const deps: Deps = {
    ...{ storage, embedder: undefined, embeddingProvider: "none", documents: "store", actor: "tester" },
    ...{ clock: Date.now, random: (bytes) => randomBytes(bytes) },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    cursors: { read: () => undefined, write: silent },
  };
  await indexWorkspace(deps, project, { root });
}
