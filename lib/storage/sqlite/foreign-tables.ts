import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";
import type { ForeignRow, ForeignTables } from "../contract/foreign-tables.ts";
import type { Bindable, Database } from "./driver.ts";
import { openDriver } from "./driver-choice.ts";
import { primaryCode, translated } from "./errors.ts";
import { columnsOfTable, readableTables } from "./readable-rows.ts";

/** Row numbers that are held at a time; rows themselves come one by one, for they may be large. */
const PAGE = 1_000;

/**
 * Opens a copy of another program's SQLite file, its write-ahead log included.
 * @throws KnowledgeError `invalid_input` for what is no SQLite file, `unavailable` when it cannot be read or is
 * written to without a pause.
 */
export function openForeignTables(file: string): ForeignTables {
  const copy = copyAtRest(file);
  try {
    const db = openDriver(copy.file, { readonly: false, busyTimeoutMs: 5_000 });
    try {
      db.exec("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF");
      return tablesOf(db, () => {
        db.close();
        copy.remove();
      });
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    copy.remove();
    throw refusal(error, file);
  }
}

function tablesOf(db: Database, close: () => void): ForeignTables {
  const tables = new Map(readableTables(db).map((table) => [table, columnsOfTable(db, table)]));
  const has = (table: string, column?: string): boolean =>
    tables.has(table) && (column === undefined || tables.get(table)?.includes(column) === true);
  return {
    tables,
    count: (table) => (has(table) ? countOf(db, table) : 0),
    *rows(table) {
      if (has(table)) yield* rowsWhere(db, { table, condition: "1 = 1", values: [] });
    },
    *matching(table, column, text) {
      if (has(table, column))
        yield* rowsWhere(db, { table, condition: `${quoted(column)} = ?`, values: [text] });
    },
    close,
  };
}

function countOf(db: Database, table: string): number {
  try {
    return Number(db.prepare(`SELECT count(*) FROM ${quoted(table)}`).raw()[0]?.[0] ?? 0);
  } catch {
    return 0;
  }
}

interface Choice {
  readonly table: string;
  readonly condition: string;
  readonly values: readonly Bindable[];
}

/** Forwards to the end or to the first damage, then what can be reached backwards from the end. */
function* rowsWhere(db: Database, choice: Choice): Generator<ForeignRow> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const { numbers, problem } = numbersIn(db, choice, after, "ASC", PAGE);
    for (const rowid of numbers) yield rowAt(db, choice.table, rowid);
    after = numbers.at(-1) ?? after;
    if (problem !== undefined) {
      yield { rowid: undefined, problem };
      const rest = numbersIn(db, choice, after, "DESC", -1).numbers;
      for (const rowid of rest.toReversed()) yield rowAt(db, choice.table, rowid);
      return;
    }
    if (numbers.length < PAGE) return;
  }
}

/** Numbers of rows behind one, as many as wanted or as come before damage. */
function numbersIn(
  db: Database,
  { table, condition, values }: Choice,
  after: number,
  way: "ASC" | "DESC",
  wanted: number,
): { readonly numbers: readonly number[]; readonly problem?: string } {
  const numbers: number[] = [];
  const sql = `SELECT rowid FROM ${quoted(table)} WHERE ${condition} AND rowid > ? ORDER BY rowid ${way} LIMIT ${wanted}`;
  try {
    for (const [rowid] of db.prepare(sql).iterate(...values, after)) numbers.push(Number(rowid));
    return { numbers };
  } catch (error) {
    return { numbers, problem: problemOf(error) };
  }
}

function rowAt(db: Database, table: string, rowid: number): ForeignRow {
  try {
    const values = db.prepare(`SELECT * FROM ${quoted(table)} WHERE rowid = ?`).get(rowid);
    return values === undefined ? { rowid, problem: "it is not there any more" } : { rowid, values };
  } catch (error) {
    return { rowid, problem: problemOf(error) };
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function problemOf(error: unknown): string {
  if (primaryCode(error) === "CORRUPT") return "the file is damaged there";
  return error instanceof Error ? error.message : String(error);
}

interface Copy {
  readonly file: string;
  readonly remove: () => void;
}

/** What SQLite keeps of a database: the file, its write-ahead log or its rollback journal. */
const PARTS = ["", "-wal", "-journal"];
const ATTEMPTS = 5;

/** A copy of all parts between two looks that saw the same sizes and times. */
function copyAtRest(file: string): Copy {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = stateOf(file);
    const copy = copyParts(file);
    if (stateOf(file) === before) return copy;
    copy.remove();
  }
  throw new KnowledgeError("unavailable", `${file} is being written to.`, {
    hint: "End the program that writes to it, then try again.",
  });
}

function stateOf(file: string): string {
  return PARTS.map((part) => {
    const state = statSync(file + part, { throwIfNoEntry: false });
    return state === undefined ? "-" : `${state.size}:${state.mtimeMs}`;
  }).join(" ");
}

function copyParts(file: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), "aiknowsys-read-"));
  const copy = join(folder, basename(file));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const part of PARTS) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    return { file: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function refusal(error: unknown, file: string): KnowledgeError {
  const code = primaryCode(error);
  if (code === "NOTADB" || code === "CORRUPT") {
    return new KnowledgeError("invalid_input", `${file} is no SQLite database that can be read.`, {
      field: "path",
      hint: "Give the database file of the tool that is named.",
      cause: error,
    });
  }
  return translated(error, file);
}
