import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { sha256 } from "../../lib/domain/ids.ts";

/** Rows of one table, each by column. */
type Rows = readonly Readonly<Record<string, string | number | bigint | null | Buffer>>[];

/** Makes a database as another tool would have it, from its schema and rows. */
export function makeDatabase(
  file: string,
  schema: string,
  rows: Readonly<Record<string, Rows>> = {},
  pragma = "journal_mode = DELETE",
): string {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  db.pragma(pragma);
  db.exec(schema);
  for (const [table, all] of Object.entries(rows)) {
    for (const row of all) {
      const columns = Object.keys(row);
      const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
      db.prepare(sql).run(...Object.values(row));
    }
  }
  db.close();
  return file;
}

/** Everything that lies in a folder, with sizes, times and hashes: equal before and after, nothing was touched. */
export function traceOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const full = join(folder, path);
      const state = statSync(full);
      const content = state.isDirectory() ? "folder" : sha256(readFileSync(full));
      return `${path} ${state.size} ${state.mtimeMs} ${content}`;
    });
}
