import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { schemaFolder } from "../../../lib/storage/migrate.ts";
import { type Connection, openConnection } from "../../../lib/storage/sqlite/connection.ts";
import type { Bindable } from "../../../lib/storage/sqlite/driver.ts";
import { migrateSchema } from "../../../lib/storage/sqlite/schema.ts";
import { NOON, tempFolder } from "../../helpers/store.ts";

const SNAPSHOT = join(schemaFolder("sqlite"), "snapshot.sql");

it("has the schema of the committed snapshot (UPDATE_SNAPSHOT=1 writes it anew)", () => {
  withSchema(({ db }) => {
    const objects = db
      .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name")
      .raw()
      .map(([sql]) => `${String(sql)};\n`);
    const text = `-- The schema after all migrations; compared by a test. See README.md.\n\n${objects.join("\n")}`;
    if (process.env.UPDATE_SNAPSHOT === "1") writeFileSync(SNAPSHOT, text);
    expect(text).toBe(readFileSync(SNAPSHOT, "utf8"));
  });
});

it("begins every key of tenants' rows with the tenant, and with the project where rows belong to one", () => {
  withSchema(({ db }) => {
    const tables = db
      .prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
      .raw();
    const wrong = tables.flatMap(([table]) => {
      const columns = columnsOf(db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table);
      if (!columns.includes("tenant_id")) return [];
      const start = columns.includes("project_id") ? ["tenant_id", "project_id"] : ["tenant_id"];
      return uniqueKeys(db, String(table))
        .filter(({ columns: key }) => start.some((column, i) => key[i] !== column))
        .map(({ name }) => name);
    });
    // A project's key is unique in its tenant: that is how a project is recognised.
    expect(wrong).toEqual(["project_keys_key_key"]);
  });
});

function withSchema(use: (connection: Connection) => void): void {
  const connection = openConnection({ file: join(tempFolder(), "knowledge.db") });
  try {
    migrateSchema(connection, { now: NOON });
    use(connection);
  } finally {
    connection.close();
  }
}

type Db = Connection["db"];

function columnsOf(db: Db, sql: string, value: Bindable | undefined): string[] {
  return db
    .prepare(sql)
    .raw(value ?? null)
    .map(([name]) => String(name));
}

/** Primary and unique keys but whole-number primary keys, which are the rows' own numbers. */
function uniqueKeys(db: Db, table: string): readonly { name: string; columns: readonly string[] }[] {
  const indexes = db.prepare('SELECT name, origin FROM pragma_index_list(?) WHERE "unique" = 1').raw(table);
  const names = constraintNames(db, table);
  return indexes.map(([index, origin]) => {
    const columns = columnsOf(db, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", index ?? null);
    const label = origin === "u" ? names.get(columns.join(", ")) : undefined;
    return { name: label ?? String(index), columns };
  });
}

function constraintNames(db: Db, table: string): ReadonlyMap<string, string> {
  const sql = columnsOf(db, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", table).join();
  const found = sql.matchAll(/CONSTRAINT (\w+) UNIQUE \(([^)]+)\)/g);
  return new Map([...found].map(([, name = "", columns = ""]) => [columns, name]));
}
