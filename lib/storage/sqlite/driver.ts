/** What may be bound to a statement. */
export type Bindable = string | number | bigint | null | Uint8Array;
/** A row by column name. BLOBs are Uint8Array (Buffer with better-sqlite3). */
export type Row = Record<string, string | number | null | Uint8Array>;
/** A row by column position. */
export type RawRow = readonly (string | number | null | Uint8Array)[];

/** One prepared statement; parameters are positional (`?`). */
export interface Statement {
  /** Runs a statement that returns no rows. */
  run(...values: readonly Bindable[]): { readonly changes: number; readonly lastInsertRowid: number };
  /** The first row, or `undefined` without any. */
  get(...values: readonly Bindable[]): Row | undefined;
  all(...values: readonly Bindable[]): readonly Row[];
  /** All rows as arrays: about twice as fast, for hot paths. */
  raw(...values: readonly Bindable[]): readonly RawRow[];
  /** Rows as arrays, one at a time, for long reads. */
  iterate(...values: readonly Bindable[]): Iterable<RawRow>;
}

/**
 * The thin driver: all that this engine asks of a SQLite binding, so that better-sqlite3 and `node:sqlite`
 * serve alike (RULES 37). Synchronous; one connection.
 */
export interface Database {
  /** Compiles a statement; equal SQL text gives the same cached statement. */
  prepare(sql: string): Statement;
  /** Runs a script of several statements without parameters. */
  exec(sql: string): void;
  /** The single value of a PRAGMA, for example `pragma("data_version")`. */
  pragma(text: string): string | number | null;
  readonly inTransaction: boolean;
  /** Version of the SQLite library, such as `3.53.2`. */
  readonly version: string;
  close(): void;
}

export interface DriverOptions {
  readonly readonly: boolean;
  /** How long one statement waits for another connection's lock before SQLITE_BUSY. */
  readonly busyTimeoutMs: number;
}
