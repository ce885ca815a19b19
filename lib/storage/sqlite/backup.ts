import { closeSync, openSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { renderBackupName, storeMark } from "../../domain/backup.ts";
import { asKnowledgeError, KnowledgeError } from "../../domain/error.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { finishBackup, partialOf, removePartial, type StandingBackup } from "../neutral/backup-files.ts";
import { schemaLeft } from "../neutral/refusals.ts";
import { openConnection } from "./connection.ts";
import type { Database } from "./driver.ts";
import { openDriver } from "./driver-choice.ts";
import { translated } from "./errors.ts";
import { readableTables } from "./readable-rows.ts";
import { type DamagedRows, damagedRows } from "./record-check.ts";
import { readSchema } from "./schema.ts";

/** Damaged rows are in the copy as in the store; of an older schema none are looked for. */
export interface SqliteBackup extends StandingBackup, DamagedRows {
  /** Rows by table, as they were counted in the copy. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface BackupRequest {
  readonly file: string;
  readonly folder: string;
  readonly at: Timestamp;
}

/**
 * Copies a store, as it is at one moment whatever is written meanwhile, into a new file of a folder: checked, on the
 * disk, readable by its owner alone, with its checksum beside it. Of an older schema too.
 * @throws KnowledgeError `unavailable`, `corrupt` when the copy is not whole; nothing is left behind then.
 */
export function backupSqlite({ file, folder, at }: BackupRequest): SqliteBackup {
  const target = join(folder, renderBackupName({ at, engine: "sqlite", store: markOfFile(file) }));
  const partial = partialOf(target);
  try {
    const rows = copyChecked(file, partial);
    const found = readingCopy(partial, (db) =>
      readSchema(db).pending.length === 0 ? damagedRows(db) : NONE,
    );
    return { ...finishBackup(partial, target), rows, ...found };
  } catch (error) {
    removePartial(partial);
    throw error;
  }
}

const NONE: DamagedRows = { damaged: 0, faults: [] };

/** One file has one mark, by whatever path it is reached. */
function markOfFile(file: string): string {
  try {
    return storeMark(realpathSync(file));
  } catch {
    // It is not there: whoever opens it says so.
    return storeMark(file);
  }
}

/** How many rows a store has, table by table, and whether that can have changed since. */
export interface RowCounts {
  readonly rows: Readonly<Record<string, number>>;
  readonly version: string;
}

function copyChecked(file: string, into: string): Readonly<Record<string, number>> {
  const { db, close } = openConnection({ file, readonly: true });
  try {
    const before = countRows(db);
    try {
      // Made here, so that at no time anybody else may read it: VACUUM INTO takes an empty file.
      closeSync(openSync(into, "wx", 0o600));
      // SQLite's own way to a copy in one read transaction; the stepwise backup begins anew at every foreign write.
      db.prepare("VACUUM INTO ?").run(into);
    } catch (error) {
      throw notCopied(error, into);
    }
    return checkCopy(into, before, countRows(db).version);
  } finally {
    close();
  }
}

/**
 * The rows of a copy, when it is sound and has what the store had: just as many where nobody wrote meanwhile, no less
 * in tables that only grow where somebody did.
 * @param versionAfter `version` of the store after it was copied
 * @throws KnowledgeError `corrupt`
 */
export function checkCopy(
  path: string,
  { rows: before, version }: RowCounts,
  versionAfter = version,
): Readonly<Record<string, number>> {
  const copied = readingCopy(path, countWhole);
  for (const [table, rows] of Object.entries(before)) {
    const found = copied[table] ?? 0;
    const isRight = version === versionAfter ? found === rows : found >= rows || !GROWING.has(table);
    if (!isRight) throw notWhole(`${table} has ${found} rows where the store had ${rows}`);
  }
  return copied;
}

/** Rows are added to them and never removed. */
const GROWING = new Set(["schema_migrations", "revisions", "changes", "change_seals"]);

/** @throws KnowledgeError `corrupt`; on a connection that only reads, SQLite looks for no rows that break a CHECK. */
function countWhole(db: Database): Readonly<Record<string, number>> {
  const says = db.pragma("integrity_check(1)");
  if (says !== "ok") throw notWhole(String(says));
  return countRows(db).rows;
}

function readingCopy<Result>(path: string, work: (db: Database) => Result): Result {
  let db: Database | undefined;
  try {
    db = openDriver(path, { readonly: true, busyTimeoutMs: 0 });
    return work(db);
  } catch (error) {
    if (error instanceof KnowledgeError) throw error;
    throw notWhole(asKnowledgeError(error).message, error);
  } finally {
    db?.close();
  }
}

/** Counts every ordinary table. */
export function countRows(db: Database): RowCounts {
  const counted = readableTables(db).map((table) => {
    const [row] = db.prepare(`SELECT count(*) FROM "${table}"`).raw();
    return [table, Number(row?.[0])] as const;
  });
  return { rows: Object.fromEntries(counted), version: String(db.pragma("data_version")) };
}

function notWhole(why: string, cause?: unknown): KnowledgeError {
  return new KnowledgeError("corrupt", `The copy of the store is not whole: ${why}.`, {
    hint: "Run `aiknowsys doctor`, and check the disk that the copy was written to.",
    cause,
  });
}

function notCopied(error: unknown, into: string): KnowledgeError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/FULL|IOERR|CANTOPEN|READONLY|^E[A-Z]+$/.test(code)) return translated(error, into);
  return new KnowledgeError("unavailable", `The store cannot be copied to ${into} (${code}).`, {
    hint: "Name a folder that may be written and has room.",
    cause: error,
  });
}

/**
 * Backs a store up before its schema changes; one without any project has nothing to lose.
 * @throws KnowledgeError whose sentence says that the schema was not changed
 */
export function backupBeforeChange(db: Database, request: BackupRequest): void {
  if (db.prepare("SELECT 1 FROM projects LIMIT 1").get() === undefined) return;
  try {
    backupSqlite(request);
  } catch (error) {
    throw schemaLeft(error);
  }
}
