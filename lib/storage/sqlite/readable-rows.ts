import type { Database, Row } from "./driver.ts";
import { primaryCode } from "./errors.ts";

/** Ordinary tables of a store, without the word index and SQLite's own. */
export function readableTables(db: Database): readonly string[] {
  return db
    .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name")
    .raw()
    .map(([name]) => String(name))
    .filter((name) => !name.startsWith("sqlite_"));
}

export function columnsOfTable(db: Database, table: string): readonly string[] {
  return db
    .prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid")
    .raw(table)
    .map(([name]) => String(name));
}

/**
 * Hands over every row that can be read, each once: forwards until the first damaged page, then backwards
 * from the other end. @returns how many there were, and whether no damage was met.
 */
export function readableRows(
  db: Database,
  table: string,
  take: (row: Row) => void,
): { readonly rows: number; readonly whole: boolean } {
  const columns = columnsOfTable(db, table);
  const key = keyOf(db, table);
  const seen = new Set<string>();
  const takeOnce = (row: Row) => {
    const name = JSON.stringify(key.map((column) => row[column]));
    if (seen.has(name)) return;
    seen.add(name);
    take(row);
  };
  const forwards = readWay(db, { table, columns, key, way: "ASC" }, takeOnce);
  if (!forwards) readWay(db, { table, columns, key, way: "DESC" }, takeOnce);
  return { rows: seen.size, whole: forwards };
}

interface Way {
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly way: "ASC" | "DESC";
}

/** False when damage ended the reading. */
function readWay(db: Database, { table, columns, key, way }: Way, take: (row: Row) => void): boolean {
  const names = [...new Set([...columns, ...key])].map(quoted).join(", ");
  const order = key.map((column) => `${quoted(column)} ${way}`).join(", ");
  const all = [...new Set([...columns, ...key])];
  try {
    for (const row of db.prepare(`SELECT ${names} FROM "${table}" ORDER BY ${order}`).iterate()) {
      take(Object.fromEntries(all.map((column, i) => [column, row[i] ?? null])));
    }
    return true;
  } catch (error) {
    const code = primaryCode(error);
    if (code === "CORRUPT" || code === "IOERR" || code === "NOTADB") return false;
    throw error;
  }
}

/** The column or columns in whose order the table itself is stored, so that no index is needed to read it. */
function keyOf(db: Database, table: string): readonly string[] {
  const row = db.prepare("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?").raw(table)[0];
  if (row?.[0] !== 1) return ["rowid"];
  return db
    .prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
    .raw(table)
    .map(([name]) => String(name));
}

function quoted(column: string): string {
  return column === "rowid" ? "rowid" : `"${column}"`;
}
