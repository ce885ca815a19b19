import type { Bindable, Database, DriverOptions, RawRow, Row, Statement } from "./driver.ts";

/** What this file asks of `node:sqlite`; the types of Node 20 do not describe it. */
interface NativeStatement {
  run(...values: readonly Bindable[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  get(...values: readonly Bindable[]): unknown;
  all(...values: readonly Bindable[]): unknown;
  iterate(...values: readonly Bindable[]): unknown;
  setReturnArrays(on: boolean): void;
}

interface NativeDatabase {
  readonly isTransaction: boolean;
  prepare(sql: string): NativeStatement;
  exec(sql: string): void;
  close(): void;
}

interface NodeSqlite {
  readonly DatabaseSync: new (
    file: string,
    options: { readonly readOnly: boolean; readonly timeout: number },
  ) => NativeDatabase;
}

/** Opens a file by the SQLite that Node itself brings. @throws Error when this Node brings none. */
export function openNodeSqlite(file: string, options: DriverOptions): Database {
  const { DatabaseSync } = loadNodeSqlite();
  const native = new DatabaseSync(file, { readOnly: options.readonly, timeout: options.busyTimeoutMs });
  const cache = new Map<string, Statement>();
  const database: Database = {
    version: String(firstValue(native.prepare("SELECT sqlite_version() AS version").get())),
    get inTransaction() {
      return native.isTransaction;
    },
    prepare(sql) {
      const known = cache.get(sql);
      if (known !== undefined) return known;
      const statement = statementOf(native, sql);
      cache.set(sql, statement);
      return statement;
    },
    exec: (sql) => native.exec(sql),
    pragma(text) {
      const value = firstValue(native.prepare(`PRAGMA ${text}`).get());
      return typeof value === "string" || typeof value === "number" ? value : null;
    },
    close: () => native.close(),
  };
  return database;
}

/** The built-in module, or an error that says that this Node has none. */
export function loadNodeSqlite(): NodeSqlite {
  const found: unknown = process.getBuiltinModule?.("node:sqlite");
  if (typeof found !== "object" || found === null || !("DatabaseSync" in found)) {
    throw new Error("This Node.js has no node:sqlite.");
  }
  // SAFETY: the built-in module of that name; what is used of it is declared above.
  return found as NodeSqlite;
}

function statementOf(native: NativeDatabase, sql: string): Statement {
  const byName = native.prepare(sql);
  let byPosition: NativeStatement | undefined;
  const positional = () => {
    byPosition ??= preparePositional(native, sql);
    return byPosition;
  };
  return {
    run(...values) {
      const { changes, lastInsertRowid } = byName.run(...values);
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
    },
    // SAFETY: without BigInt reading a column is text, number, null or Uint8Array.
    get: (...values) => byName.get(...values) as Row | undefined,
    // SAFETY: as above.
    all: (...values) => byName.all(...values) as Row[],
    // SAFETY: as above, as arrays.
    raw: (...values) => positional().all(...values) as RawRow[],
    // SAFETY: as above; a statement of its own, because an iterated one is busy until it ends.
    iterate: (...values) => preparePositional(native, sql).iterate(...values) as Iterable<RawRow>,
  };
}

function preparePositional(native: NativeDatabase, sql: string): NativeStatement {
  const statement = native.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

function firstValue(row: unknown): unknown {
  return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined;
}
