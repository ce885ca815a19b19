import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { describeChanges } from "../../contract/suite/changes.ts";
import { describeEvents } from "../../contract/suite/events.ts";
import { describePassages } from "../../contract/suite/passages.ts";
import { describePlans } from "../../contract/suite/plans.ts";
import { describeProjects } from "../../contract/suite/projects.ts";
import { describeWrites } from "../../contract/suite/writes.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { openTransactionPooler, type TransactionPooler } from "../../helpers/transaction-pooler.ts";

async function pooledDatabase() {
  const { url, drop } = await newDatabase();
  const pooler = await openTransactionPooler(url);
  const close = async () => {
    await pooler.close();
    await drop();
  };
  return { url, pooler, close };
}

describeWithServer("a pooler that lends connections for one transaction at a time", () => {
  describe("with a store behind it", () => {
    let storage: PostgresStorage;
    let pooler: TransactionPooler;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ pooler, close } = await pooledDatabase());
      // Migrated through it as well: no way past it is given.
      storage = await PostgresStorage.open({ url: pooler.url, migrate: true, poolMax: 3 });
    });
    afterAll(async () => {
      await storage.close();
      await close();
    });
    const store = () => storage;
    describe("projects", () => describeProjects(store));
    describe("writes", () => describeWrites(store));
    describe("plans", () => describePlans(store));
    describe("events", () => describeEvents(store));
    describe("passages", () => describePassages(store));
    describe("changes", () => describeChanges(store));

    it("was asked for nothing that needs a session, though every transaction had another one", () => {
      expect(pooler.statements.length).toBeGreaterThan(1_000);
      expect(pooler.refused).toEqual([]);
      expect(pooler.spread()).toBeGreaterThan(1);
    });
  });

  it("would notice what needs a session", async () => {
    const { pooler, close } = await pooledDatabase();
    onTestFinished(close);
    const url = `${pooler.url}?options=-c%20statement_timeout%3D1000`;
    const client = await adminClient(url);
    await client.query("SET search_path TO public");
    await client.query("SELECT pg_advisory_lock(1)");
    await client.query({ name: "kept", text: "SELECT 1" }).catch(() => undefined);
    await client.end();
    expect(pooler.refused).toEqual([
      "options",
      expect.stringContaining("SET search_path"),
      expect.stringContaining("pg_advisory_lock"),
      expect.stringContaining("named statement"),
    ]);
  });

  it("is passed by for changes of the schema where a direct way is given", async () => {
    const { url, pooler, close } = await pooledDatabase();
    onTestFinished(close);
    const storage = await PostgresStorage.open({ url: pooler.url, directUrl: url, migrate: true });
    onTestFinished(() => storage.close());
    expect(await storage.projects.list()).toEqual([]);
    const changes = pooler.statements.filter((sql) =>
      /^\s*(?:CREATE|ALTER|GRANT)|pg_try_advisory_xact_lock\(10/.test(sql),
    );
    expect(changes).toEqual([]);
  });

  it("is told when the direct way leads to another database, before anything is changed there", async () => {
    const { pooler, close } = await pooledDatabase();
    const other = await newDatabase();
    onTestFinished(close);
    onTestFinished(other.drop);
    const ways = { url: pooler.url, directUrl: other.url };
    const refusal = { code: "invalid_input", field: "POSTGRES_DIRECT_URL" };
    await expect(PostgresStorage.open({ ...ways, migrate: true })).rejects.toMatchObject(refusal);
    const storage = await PostgresStorage.open(ways);
    onTestFinished(() => storage.close());
    await expect(storage.upkeep.migrate({ dryRun: true })).rejects.toMatchObject(refusal);
    const client = await adminClient(other.url);
    onTestFinished(() => client.end());
    const made = "SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = 'aiknowsys'";
    expect((await client.query(made)).rows).toEqual([{ n: 0 }]);
  });

  it("is told so too when vector indexes are to be built on the direct way", async () => {
    const { url, pooler, close } = await pooledDatabase();
    const other = await newDatabase();
    onTestFinished(close);
    onTestFinished(other.drop);
    await (await PostgresStorage.open({ url, migrate: true })).close();
    const storage = await PostgresStorage.open({ url: pooler.url, directUrl: other.url });
    onTestFinished(() => storage.close());
    await expect(storage.upkeep.repair()).rejects.toMatchObject({ field: "POSTGRES_DIRECT_URL" });
  });
});
