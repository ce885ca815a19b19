import { KnowledgeError } from "../../domain/error.ts";
import type { MigrateOptions, MigrateReport } from "../contract/upkeep.ts";
import {
  type AppliedMigration,
  accessOf,
  type Compatibility,
  compatibilityAfter,
  loadMigrations,
  type Migration,
  pendingMigrations,
} from "../migrate.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./driver.ts";

/** What a store's schema allows this program to do now. */
export interface SchemaState {
  readonly version: number;
  /** Migrations that are still to be applied, in order. */
  readonly pending: readonly Migration[];
  readonly access: "write" | "read";
}

export interface SchemaChange extends MigrateOptions {
  readonly now: string;
  readonly migrations?: readonly Migration[] | undefined;
  /** Called before the schema of a store that has one changes; what it throws leaves everything as it is. */
  readonly beforeChange?: (() => void) | undefined;
}

/**
 * Brings the schema to a version; safe when many processes do so at once, because everything is looked at
 * again under the write lock. @param now the moment that is recorded for each migration.
 * @throws KnowledgeError `schema_mismatch`, `corrupt` for a database of another program, `invalid_input`.
 */
export function migrateSchema({ db, file, immediate }: Connection, options: SchemaChange): MigrateReport {
  const known = options.migrations ?? loadMigrations("sqlite");
  const before = readSchema(db, known);
  const wanted = pendingMigrations(known, readApplied(db), options.to);
  const report = (applied: readonly Migration[], from = before.version): MigrateReport => ({
    from,
    to: from + applied.length,
    applied: applied.map(({ name }) => name),
  });
  if (options.dryRun === true || wanted.length === 0) return report(wanted);
  return immediate(() => {
    const applied = readApplied(db);
    const pending = pendingMigrations(known, applied, Math.max(options.to ?? known.length, applied.length));
    if (applied.length === 0) claim(db, file);
    // Under the write lock, which others wait for: one backup, of just what is changed.
    else if (pending.length > 0) options.beforeChange?.();
    apply(db, pending, options.now);
    return report(pending, applied.length);
  });
}

/** @throws KnowledgeError `schema_mismatch` when this program may not even read the store. */
export function readSchema(db: Database, known = loadMigrations("sqlite")): SchemaState {
  const applied = readApplied(db);
  const pending = pendingMigrations(known, applied);
  return { version: applied.length, pending, access: accessOf(known, applied, readCompatibility(db)) };
}

function apply(db: Database, pending: readonly Migration[], now: string): void {
  for (const { version, name, checksum, sql } of pending) {
    db.exec(sql);
    db.prepare("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)").run(
      version,
      name,
      checksum,
      now,
    );
  }
  const { oldestReader, oldestWriter } = compatibilityAfter(readCompatibility(db), pending);
  const remember = db.prepare("INSERT OR REPLACE INTO store_info (name, value) VALUES (?, ?)");
  remember.run("oldest_reader", String(oldestReader));
  remember.run("oldest_writer", String(oldestWriter));
}

/** "AIKS": stands in the header of every store. */
const APPLICATION_ID = 0x41494b53;

/** Refuses a file that holds the tables of another program; it is only read. @throws KnowledgeError `corrupt` */
export function refuseForeign(db: Database, file: string): void {
  // The mark comes in one transaction with the first table, so it is looked for after the table.
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' LIMIT 1").get();
  if (table === undefined || db.pragma("application_id") === APPLICATION_ID) return;
  throw new KnowledgeError("corrupt", `${file} is a SQLite database of another program.`, {
    hint: "Name another file with --db or SQLITE_PATH; `aiknowsys import-from` brings other programs' data in.",
  });
}

/** Marks an empty file as ours, and refuses one that got the tables of another program meanwhile. */
function claim(db: Database, file: string): void {
  refuseForeign(db, file);
  db.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    CREATE TABLE schema_migrations (
      version INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      applied_at TEXT NOT NULL CHECK (length(applied_at) = 24)
    ) STRICT;
  `);
}

function readApplied(db: Database): readonly AppliedMigration[] {
  if (!hasTable(db, "schema_migrations")) return [];
  const rows = db.prepare("SELECT version, name, checksum FROM schema_migrations ORDER BY version").raw();
  return rows.map(([version, name, checksum]) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
  }));
}

function readCompatibility(db: Database): Compatibility {
  if (!hasTable(db, "store_info")) return { oldestReader: 0, oldestWriter: 0 };
  const rows = db.prepare("SELECT name, value FROM store_info WHERE name LIKE 'oldest%'").raw();
  const found = new Map(rows.map(([name, value]) => [String(name), Number(value)]));
  return { oldestReader: found.get("oldest_reader") ?? 0, oldestWriter: found.get("oldest_writer") ?? 0 };
}

function hasTable(db: Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}
