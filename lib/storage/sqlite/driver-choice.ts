import { KnowledgeError } from "../../domain/error.ts";
import { loadBetterSqlite, openBetterSqlite } from "./better-sqlite3.ts";
import type { Database, DriverOptions } from "./driver.ts";
import { loadNodeSqlite, openNodeSqlite } from "./node-sqlite.ts";

/** Older libraries can corrupt a WAL shared by several connections (fixed in this version). */
const OLDEST = "3.51.3";

/**
 * Opens a file by better-sqlite3 or, where that cannot be loaded, by Node's own SQLite (RULES 37).
 * @throws KnowledgeError `unavailable` when neither serves; errors of the driver as they come.
 */
export function openDriver(file: string, options: DriverOptions): Database {
  const database = chosen()(file, options);
  if (isAtLeast(database.version, OLDEST)) return database;
  database.close();
  throw new KnowledgeError(
    "unavailable",
    `SQLite ${database.version} is too old: ${OLDEST} or newer is needed.`,
    { hint: "Install better-sqlite3 12 (`npm i better-sqlite3`) or use a newer Node.js." },
  );
}

/** Compares dotted versions number by number. */
export function isAtLeast(version: string, oldest: string): boolean {
  const wanted = oldest.split(".").map(Number);
  const given = version.split(".").map(Number);
  for (const [i, part] of wanted.entries()) {
    const difference = (given[i] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function chosen(): (file: string, options: DriverOptions) => Database {
  try {
    loadBetterSqlite();
    return openBetterSqlite;
  } catch (cause) {
    return nodeInstead(cause);
  }
}

function nodeInstead(cause: unknown): (file: string, options: DriverOptions) => Database {
  try {
    loadNodeSqlite();
    return openNodeSqlite;
  } catch {
    throw new KnowledgeError(
      "unavailable",
      "No SQLite can be loaded: better-sqlite3 has no working build here and this Node.js brings none.",
      {
        hint: "Install a C++ compiler and run `npm rebuild better-sqlite3`, or use Node.js 24 or newer.",
        cause,
      },
    );
  }
}
