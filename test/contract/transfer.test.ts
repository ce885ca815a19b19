import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { fillStore, storeScript } from "../helpers/generated-store.ts";
import { describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { makeTempFolder } from "../helpers/store.ts";
import { linesOf, readAll, writeBatches } from "../helpers/transfer.ts";

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

/** Copies a store into a new one, twice, and gives what that one holds. */
async function copyInto(target: StorageAdapter, source: StorageAdapter): Promise<readonly string[]> {
  const records = await readAll(source);
  const first = await writeBatches(target, records);
  expect(first).toEqual({ written: records.length, unchanged: 0, notes: [] });
  const second = await writeBatches(target, records);
  expect(second).toEqual({ written: 0, unchanged: records.length, notes: [] });
  expect(await target.upkeep.check()).toEqual([]);
  return linesOf(target);
}

describe("a copy of a generated store", () => {
  it("holds the same on SQLite, and is not written a second time", async () => {
    await fc.assert(
      fc.asyncProperty(storeScript, (script) =>
        withSqlite(async (source) => {
          await fillStore(source, script);
          const lines = await linesOf(source);
          expect(await withSqlite((target) => copyInto(target, source))).toEqual(lines);
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

  const withPostgres: WithStore = async (work) => {
    const { url, drop } = await newDatabase({ template: template?.name ?? "" });
    const storage = await PostgresStorage.open({ url });
    try {
      return await work(storage);
    } finally {
      await storage.close();
      await drop();
    }
  };

  it.each([
    ["SQLite to PostgreSQL and back", withSqlite, withPostgres],
    ["PostgreSQL to SQLite and back", withPostgres, withSqlite],
  ] as const)(
    "hold the same from %s",
    async (_, withOne, withOther) => {
      await fc.assert(
        fc.asyncProperty(storeScript, (script) =>
          withOne(async (source) => {
            await fillStore(source, script);
            const lines = await linesOf(source);
            await withOther(async (target) => {
              expect(await copyInto(target, source)).toEqual(lines);
              expect(await withOne((again) => copyInto(again, target))).toEqual(lines);
            });
          }),
        ),
        { numRuns: 12 },
      );
    },
    240_000,
  );
});
