import { existsSync } from "node:fs";
import { KnowledgeError } from "../../domain/error.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import type { SalvagedTable, SalvageReport } from "../contract/upkeep.ts";
import { openConnection } from "./connection.ts";
import type { Bindable, Database } from "./driver.ts";
import { openPassages } from "./passages.ts";
import { columnsOfTable, readableRows, readableTables } from "./readable-rows.ts";
import { migrateSchema } from "./schema.ts";

/** What is made from other tables, or belongs to one file only. */
const NOT_COPIED = new Set([
  "schema_migrations",
  "locks",
  "term_frequencies",
  "owed_vectors",
  "vector_segments",
]);

/** Counts the rows that can still be read, table by table. The file is only read; never throws for damage. */
export function salvageReport(file: string): SalvageReport {
  return reading(file, (db) =>
    tablesOf(db).map((table) => {
      const { rows, whole } = readableRows(db, table, () => undefined);
      return { table, rows, whole };
    }),
  );
}

/**
 * Copies every row that can still be read into a new store and rebuilds there what is derived.
 * @throws KnowledgeError `conflict` when something is at `into` already.
 */
export function salvage(file: string, into: string): SalvageReport {
  if (existsSync(into)) {
    throw new KnowledgeError("conflict", `There is a file at ${into} already.`, {
      hint: "Name a file that does not exist yet.",
    });
  }
  return reading(file, (source) => {
    const target = openConnection({ file: into });
    try {
      migrateSchema(target, { now: timestampOf(Date.now()) });
      target.db.exec("PRAGMA foreign_keys = OFF");
      const tables = target.immediate(() => copyTables(source, target.db));
      openPassages(target.db, target.immediate).chunks.rebuildIndex();
      return tables;
    } finally {
      target.close();
    }
  });
}

function reading(file: string, work: (db: Database) => readonly SalvagedTable[]): SalvageReport {
  try {
    const source = openConnection({ file, readonly: true });
    try {
      return { file, tables: work(source.db) };
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof KnowledgeError && error.code === "corrupt") {
      return { file, tables: [], unreadable: error.message };
    }
    throw error;
  }
}

function tablesOf(db: Database): readonly string[] {
  return readableTables(db).filter((table) => !NOT_COPIED.has(table));
}

function copyTables(source: Database, target: Database): readonly SalvagedTable[] {
  const known = new Set(readableTables(target));
  return tablesOf(source)
    .filter((table) => known.has(table))
    .map((table) => copyTable(source, target, table));
}

/** The store's own id and names come along, in place of the new store's. */
function copyTable(source: Database, target: Database, table: string): SalvagedTable {
  const columns = columnsOfTable(target, table);
  const names = columns.map((column) => `"${column}"`).join(", ");
  const marks = columns.map(() => "?").join(", ");
  const insert = target.prepare(`INSERT OR REPLACE INTO "${table}" (${names}) VALUES (${marks})`);
  let kept = 0;
  const { rows, whole } = readableRows(source, table, (row) => {
    try {
      insert.run(...columns.map((column): Bindable => row[column] ?? null));
      kept += 1;
    } catch {
      // A row that breaks the schema's rules was damaged itself: `kept` falls short of `rows` and says so.
    }
  });
  return { table, rows, kept, whole };
}
