import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import type { Bindable, Database, DriverOptions, RawRow, Row, Statement } from "./driver.ts";

let loaded: typeof BetterSqlite3 | undefined;

type Native = BetterSqlite3.Statement<Bindable[], unknown>;

/**
 * Opens a file by better-sqlite3, which is loaded at the first call only.
 * @throws whatever `require` throws when the package or its native part is absent, and SqliteError.
 */
export function openBetterSqlite(file: string, options: DriverOptions): Database {
  const Constructor = loadBetterSqlite();
  const native = new Constructor(file, { readonly: options.readonly, timeout: options.busyTimeoutMs });
  const version = String(native.prepare("SELECT sqlite_version()").pluck().get());
  const cache = new Map<string, Statement>();
  return {
    version,
    get inTransaction() {
      return native.inTransaction;
    },
    prepare(sql) {
      const known = cache.get(sql);
      if (known !== undefined) return known;
      const statement = statementOf(native, sql);
      cache.set(sql, statement);
      return statement;
    },
    exec: (sql) => void native.exec(sql),
    pragma: (text) => scalar(native.pragma(text, { simple: true })),
    close: () => void native.close(),
  };
}

/** Loads the package and its native part: throws when it cannot serve here. */
export function loadBetterSqlite(): typeof BetterSqlite3 {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  // SAFETY: the package's own types describe what its entry point exports.
  const Constructor = require("better-sqlite3") as typeof BetterSqlite3;
  new Constructor(":memory:").close();
  loaded = Constructor;
  return Constructor;
}

function statementOf(native: BetterSqlite3.Database, sql: string): Statement {
  const byName: Native = native.prepare(sql);
  let byPosition: Native | undefined;
  const positional = () => (byPosition ??= native.prepare<Bindable[]>(sql).raw(true));
  return {
    run(...values) {
      const { changes, lastInsertRowid } = byName.run(...values);
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    // SAFETY: without safeIntegers a column is text, number, null or Buffer (a Uint8Array).
    get: (...values) => byName.get(...values) as Row | undefined,
    // SAFETY: as above.
    all: (...values) => byName.all(...values) as Row[],
    // SAFETY: as above, as arrays.
    raw: (...values) => positional().all(...values) as RawRow[],
    // SAFETY: as above; a statement of its own, because an iterated one is busy until it ends.
    iterate: (...values) =>
      native
        .prepare<Bindable[]>(sql)
        .raw(true)
        .iterate(...values) as Iterable<RawRow>,
  };
}

function scalar(value: unknown): string | number | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}
