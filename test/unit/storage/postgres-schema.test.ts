import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { schemaFolder } from "../../../lib/storage/migrate.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import type { Connections } from "../../../lib/storage/postgres/driver.ts";
import { openConnection } from "../../../lib/storage/sqlite/connection.ts";
import { migrateSchema } from "../../../lib/storage/sqlite/schema.ts";
import { openPglite } from "../../helpers/pglite-connections.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { type Ask, snapshotOf } from "../../helpers/postgres-snapshot.ts";
import { postgresShape, type Shape, sqliteShape } from "../../helpers/schema-shape.ts";
import { NOON, tempFolder } from "../../helpers/store.ts";

const SNAPSHOT = join(schemaFolder("postgres"), "snapshot.sql");
const COUNTERPARTS = join(dirname(schemaFolder("postgres")), "counterparts.json");

let connections: Connections;
let storage: PostgresStorage;

beforeAll(async () => {
  connections = await openPglite();
  storage = await PostgresStorage.over(connections, { migrate: true });
}, 120_000);

afterAll(() => storage.close());

const ask: Ask = async (sql) => {
  const lent = await connections.lend();
  try {
    return (await lent.query(sql, [])).rows;
  } finally {
    lent.release(false);
  }
};

it("has the schema of the committed snapshot (UPDATE_SNAPSHOT=1 writes it anew)", async () => {
  const text = await snapshotOf(ask);
  if (process.env.UPDATE_SNAPSHOT === "1") writeFileSync(SNAPSHOT, text);
  expect(text).toBe(readFileSync(SNAPSHOT, "utf8"));
});

describeWithServer("the schema", () => {
  it("is the same on a server", async () => {
    const { url, drop } = await newDatabase();
    const store = await PostgresStorage.open({ url, migrate: true });
    const client = await adminClient(url);
    try {
      const text = await snapshotOf(
        async (sql) => (await client.query({ text: sql, rowMode: "array" })).rows,
      );
      expect(text).toBe(await snapshotOf(ask));
    } finally {
      await client.end();
      await store.close();
      await drop();
    }
  });
});

it("corresponds to SQLite's: tables, columns, keys and named checks, but for what is listed with its reason", async () => {
  const shapes = { sqlite: shapeOfSqlite(), postgres: await postgresShape(ask) };
  const reasons = readCounterparts();
  const differing = (mine: Shape, other: Shape) =>
    [...mine].filter(([name, holds]) => !isInsideOfMissing(name, other) && other.get(name) !== holds);
  expect(named(differing(shapes.sqlite, shapes.postgres))).toEqual(Object.keys(reasons.sqlite).sort());
  expect(named(differing(shapes.postgres, shapes.sqlite))).toEqual(Object.keys(reasons.postgres).sort());
});

it("gives every difference a reason that says something", () => {
  const { sqlite, postgres } = readCounterparts();
  for (const [name, reason] of [...Object.entries(sqlite), ...Object.entries(postgres)])
    expect(reason.split(" ").length, name).toBeGreaterThan(4);
});

/** A column, key or check of a table that the other side lacks as a whole: the table's reason is enough. */
function isInsideOfMissing(name: string, other: Shape): boolean {
  const table = /^(?:column|primary key|foreign key) (\w+)/.exec(name)?.[1];
  return table !== undefined && !other.has(`table ${table}`);
}

function named(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name]) => name).sort();
}

function readCounterparts(): Readonly<Record<"sqlite" | "postgres", Readonly<Record<string, string>>>> {
  return JSON.parse(readFileSync(COUNTERPARTS, "utf8"));
}

function shapeOfSqlite(): Shape {
  const connection = openConnection({ file: join(tempFolder(), "knowledge.db") });
  try {
    migrateSchema(connection, { now: NOON });
    return sqliteShape(connection.db);
  } finally {
    connection.close();
  }
}
