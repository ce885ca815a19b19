import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { loadMigrations, type Migration, schemaFolder } from "../../../lib/storage/migrate.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../../lib/storage/postgres/address.ts";
import type { Connections } from "../../../lib/storage/postgres/driver.ts";
import { openPool } from "../../../lib/storage/postgres/pool.ts";
import { readSchema } from "../../../lib/storage/postgres/schema.ts";
import { migrateSchema } from "../../../lib/storage/postgres/schema-migrate.ts";
import { adminClient, asLogin, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../../helpers/postgres-own-server.ts";
import { newProject, tempFolder } from "../../helpers/store.ts";

const known = loadMigrations("postgres");
const newest = known.length;
const names = known.map(({ name }) => name);

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await newDatabase();
  onTestFinished(drop);
  return url;
}

function connect(url: string, max = 2): Connections {
  const connections = openPool({ address: parseAddress(url), max });
  onTestFinished(() => connections.close());
  return connections;
}

/** The migrations of this package, and more behind them. */
function withMore(...texts: readonly string[]): readonly Migration[] {
  const folder = tempFolder();
  cpSync(schemaFolder("postgres"), folder, { recursive: true });
  for (const [i, text] of texts.entries()) {
    writeFileSync(join(folder, `${String(newest + i + 1).padStart(6, "0")}_more.sql`), text);
  }
  return loadMigrations("postgres", folder);
}

async function ask(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = await adminClient(url);
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function applied(url: string) {
  return ask(url, "SELECT version, name, checksum FROM aiknowsys.schema_migrations ORDER BY version");
}

function existing(url: string, name: string) {
  return ask(url, `SELECT to_regclass('aiknowsys.${name}') IS NOT NULL AS there`);
}

describeWithServer("migrating PostgreSQL", () => {
  it("applies everything to an empty database, records checksums, and then has nothing to do", async () => {
    const url = await emptyDatabase();
    const connections = connect(url);
    expect(await migrateSchema(connections, {})).toEqual({ from: 0, to: newest, applied: names });
    expect(await applied(url)).toEqual(
      known.map(({ version, name, checksum }) => ({ version, name, checksum })),
    );
    expect(await migrateSchema(connections, {})).toEqual({ from: newest, to: newest, applied: [] });
  });

  it("goes only as far as asked, and only says so in a dry run", async () => {
    const connections = connect(await emptyDatabase());
    const first = { from: 0, to: 1, applied: names.slice(0, 1) };
    expect(await migrateSchema(connections, { to: 1, dryRun: true })).toEqual(first);
    expect((await readSchema(connections)).version).toBe(0);
    expect(await migrateSchema(connections, { to: 1 })).toEqual(first);
    expect((await readSchema(connections)).version).toBe(1);
    await expect(migrateSchema(connections, { to: newest + 1 })).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(await migrateSchema(connections, {})).toMatchObject({ from: 1, to: newest });
  });

  it("lets many stores of one process open an empty database at once", async () => {
    const url = await emptyDatabase();
    const stores = await Promise.all(
      Array.from({ length: 10 }, () => PostgresStorage.open({ url, migrate: true, poolMax: 2 })),
    );
    for (const store of stores) onTestFinished(() => store.close());
    await Promise.all(stores.map((store) => newProject(store)));
    expect(await applied(url)).toHaveLength(newest);
  });

  it("keeps what went before a migration that fails, and nothing of it", async () => {
    const url = await emptyDatabase();
    const migrations = withMore(
      "CREATE TABLE kept (x integer);\n",
      "CREATE TABLE undone (x integer);\nINSERT INTO kept VALUES (1 / 0);\n",
    );
    await expect(migrateSchema(connect(url), { migrations })).rejects.toMatchObject({ code: "internal" });
    expect(await applied(url)).toHaveLength(newest + 1);
    expect(await existing(url, "kept")).toEqual([{ there: true }]);
    expect(await existing(url, "undone")).toEqual([{ there: false }]);
  });

  it("tells a migration that fails on the data at once, instead of taking it for another process's work", async () => {
    const migrations = withMore(
      "CREATE TABLE twice AS SELECT 1 AS x UNION ALL SELECT 1;\nCREATE UNIQUE INDEX once ON twice (x);\n",
    );
    await expect(migrateSchema(connect(await emptyDatabase()), { migrations })).rejects.toMatchObject({
      code: "internal",
    });
  });

  it.each([
    ["a type", "CREATE TYPE vector AS (a int)"],
    [
      "a function",
      "CREATE FUNCTION array_to_vector(int[], int, boolean) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
  ])("tells at once of %s that is in pgvector's way", async (_, sql) => {
    const url = await emptyDatabase();
    await ask(url, sql);
    await expect(migrateSchema(connect(url), {})).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("pgvector cannot be made in this database"),
      hint: expect.stringContaining("vector"),
    });
  });

  it("says in a dry run, too, that a login may not migrate", async () => {
    const { url, name, drop } = await newDatabase();
    const login = `dry_${name}`;
    await ask(url, `CREATE ROLE ${login} LOGIN`);
    onTestFinished(async () => {
      await drop();
      await ask(url.replace(/[^/]+$/, "postgres"), `DROP ROLE ${login}`);
    });
    const refusal = { code: "unavailable", message: expect.stringContaining("may not change the schema") };
    await expect(migrateSchema(connect(asLogin(url, login)), { dryRun: true })).rejects.toMatchObject(
      refusal,
    );
    expect(await migrateSchema(connect(url), { dryRun: true })).toMatchObject({ from: 0, applied: names });
    const made = "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'aiknowsys')::int AS n";
    expect(await ask(url, made)).toEqual([{ n: 0 }]);
  });

  it("refuses a store whose migrations were edited", async () => {
    const url = await emptyDatabase();
    await migrateSchema(connect(url), {});
    await ask(url, "UPDATE aiknowsys.schema_migrations SET checksum = 'edited' WHERE version = 1");
    const refusal = { code: "schema_mismatch", message: expect.stringContaining(String(names[0])) };
    await expect(migrateSchema(connect(url), {})).rejects.toMatchObject(refusal);
    await expect(PostgresStorage.open({ url })).rejects.toMatchObject(refusal);
  });

  it("lets nobody but a migrating caller make the schema", async () => {
    const url = await emptyDatabase();
    const storage = await PostgresStorage.open({ url });
    onTestFinished(() => storage.close());
    const mismatch = { code: "schema_mismatch", hint: expect.stringContaining("aiknowsys migrate") };
    await expect(storage.projects.list()).rejects.toMatchObject(mismatch);
    expect(await existing(url, "projects")).toEqual([{ there: false }]);
    await storage.upkeep.migrate({});
    expect(await storage.projects.list()).toEqual([]);
  });
});

describeWithServer("a store that a newer program has migrated", () => {
  const further = (reader: number, writer: number) => `
    INSERT INTO aiknowsys.schema_migrations VALUES (${newest + 1}, 'next', 'sum', now());
    UPDATE aiknowsys.store_info SET value = '${reader}' WHERE name = 'oldest_reader';
    UPDATE aiknowsys.store_info SET value = '${writer}' WHERE name = 'oldest_writer'`;

  async function opened(reader: number, writer: number) {
    const url = await emptyDatabase();
    await migrateSchema(connect(url), {});
    await ask(url, further(reader, writer));
    const storage = await PostgresStorage.open({ url });
    onTestFinished(() => storage.close());
    return storage;
  }

  it("is read and written where that has only added something", async () => {
    const storage = await opened(1, 1);
    const project = await newProject(storage);
    expect(await storage.projects.findById(project)).toBeDefined();
    expect(await storage.upkeep.migrate({})).toMatchObject({ applied: [], to: newest + 1 });
  });

  it("is only read where older writers would harm it", async () => {
    const storage = await opened(1, newest + 1);
    expect(await storage.projects.list()).toEqual([]);
    await expect(newProject(storage)).rejects.toMatchObject({ code: "schema_mismatch" });
  });

  it("is refused where older readers would misread it", async () => {
    await expect(opened(newest + 1, newest + 1)).rejects.toMatchObject({
      code: "schema_mismatch",
      hint: expect.stringContaining("Update AIKnowSys"),
    });
  });
});

describeWithServer("a migration outside a transaction", () => {
  const BUILD = `-- expand only
-- no transaction: an index of a large table
DROP INDEX CONCURRENTLY IF EXISTS aiknowsys.big_x;
CREATE INDEX CONCURRENTLY big_x ON aiknowsys.big (x);
`;

  it("runs its statements one by one, once, however many processes there are", async () => {
    const url = await emptyDatabase();
    const migrations = withMore("CREATE TABLE big (x integer);\n", BUILD);
    expect(migrations.at(-1)).toMatchObject({ outsideTransaction: true, breaks: "nothing" });
    const reports = await Promise.all(
      Array.from({ length: 5 }, () => migrateSchema(connect(url), { migrations })),
    );
    expect(reports.flatMap((report) => report.applied).sort()).toEqual(migrations.map(({ name }) => name));
    const valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'aiknowsys.big_x'::regclass";
    expect(await ask(url, valid)).toEqual([{ indisvalid: true }]);
  });

  it("is done again as a whole after it broke off", async () => {
    const url = await emptyDatabase();
    const create = "CREATE TABLE big AS SELECT 1 AS x UNION ALL SELECT 1;\n";
    const failing = withMore(create, BUILD.replace("CREATE INDEX", "CREATE UNIQUE INDEX"));
    await expect(migrateSchema(connect(url), { migrations: failing })).rejects.toThrow();
    expect(await applied(url)).toHaveLength(newest + 1);
    // What CONCURRENTLY leaves behind: an index that is not valid.
    expect(await existing(url, "big_x")).toEqual([{ there: true }]);
    await ask(url, "DELETE FROM aiknowsys.big WHERE ctid = '(0,1)'");
    expect(await migrateSchema(connect(url), { migrations: failing })).toMatchObject({ to: newest + 2 });
    expect(await applied(url)).toHaveLength(newest + 2);
  });

  it("says that it needs two connections where it has one", async () => {
    const migrations = withMore("CREATE TABLE big (x integer);\n", BUILD);
    await expect(migrateSchema(connect(await emptyDatabase(), 1), { migrations })).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("POSTGRES_POOL_MAX"),
    });
  });
});

describeWithServer("the roles of a new server", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnServer({});
  });
  afterAll(() => server.remove());

  it("are made once by 20 databases that are migrated at once", async () => {
    const databases = Array.from({ length: 20 }, (_, i) => `quay_${i}`);
    for (const name of databases) await ask(server.url, `CREATE DATABASE ${name} TEMPLATE template0`);
    const reports = await Promise.all(
      databases.map((name) => migrateSchema(connect(server.url.replace(/\/postgres$/, `/${name}`)), {})),
    );
    for (const report of reports) expect(report).toEqual({ from: 0, to: newest, applied: names });
    const roles = "SELECT count(*)::int AS n FROM pg_roles WHERE rolname LIKE 'aiknowsys%'";
    expect(await ask(server.url, roles)).toEqual([{ n: 3 }]);
  }, 120_000);
});
