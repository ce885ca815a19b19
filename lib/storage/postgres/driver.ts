/** What a statement binds. Lists become SQL arrays. */
export type Bindable =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | null)[]
  | readonly number[]
  | readonly boolean[];

/** What a driver binds: lists have become array literals. */
export type Parameter = string | number | boolean | null | Uint8Array;

/** A row by column position; values as `types.ts` reads them. */
export type RawRow = readonly unknown[];

/** A connection lent to one transaction. It speaks positional parameters: `$1`, `$2` … */
export interface Lent {
  /** Runs statements without parameters, several if need be, and drops their results. */
  script(sql: string): Promise<void>;
  /** The same, with the rows of each statement. */
  answers(sql: string): Promise<readonly (readonly RawRow[])[]>;
  query(
    sql: string,
    values: readonly Parameter[],
  ): Promise<{ readonly rows: readonly RawRow[]; readonly count: number }>;
  /** Lets statements take so long until the connection is given back, where less would pass for a lost connection. */
  allow?(statementMs: number): void;
  /** Gives the connection back; `broken` throws it away instead. */
  release(broken: boolean): void;
}

/** Where connections come from: a pool of PostgreSQL's, or one session of PGlite's. */
export interface Connections {
  /** @throws the driver's error when no connection can be had in time; KnowledgeError `unavailable` once closed. */
  lend(): Promise<Lent>;
  /** Connections in use, idle, and callers waiting for one. */
  figures(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Where the database is, without credentials. */
  readonly location: string;
  /** Connections that can be lent at once. */
  readonly most: number;
  /**
   * Refuses new borrowers, waits for those who have a connection or stand in line for one, then closes all.
   * A second call waits for the same.
   */
  close(): Promise<void>;
}

/** One open transaction, as facets use it. Statements mark parameters with `?`. */
export interface Client {
  /** Tenant whose rows this transaction works on. */
  readonly tenant: string;
  rows(sql: string, ...values: readonly Bindable[]): Promise<readonly RawRow[]>;
  /**
   * The same for the last statement of a transaction that reads: its end goes out with it, which saves a round trip.
   * Nothing may be asked after it. In one that writes it is like any other.
   */
  last(sql: string, ...values: readonly Bindable[]): Promise<readonly RawRow[]>;
  /** How many rows the statement touched. */
  run(sql: string, ...values: readonly Bindable[]): Promise<number>;
}

/** A database as one caller may use it: every piece of work is one transaction with the caller's rights. */
export interface Database {
  /** A consistent view: nothing is written. */
  read<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
  /**
   * Commits what the work did, or nothing. The work is done again after a serialization failure, a deadlock or
   * a connection lost before COMMIT was sent, so it must have no other effect.
   */
  write<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
}

const numbered = new Map<string, string>();

/** `?` marks as `$1`, `$2` …; statements hold no other question mark. */
export function withNumbers(sql: string): string {
  const known = numbered.get(sql);
  if (known !== undefined) return known;
  let n = 0;
  const text = sql.replace(/\?/g, () => {
    n += 1;
    return `$${n}`;
  });
  // Statements are made of a few parts; lists of projects of any length could fill memory over months.
  if (numbered.size < 2_000) numbered.set(sql, text);
  return text;
}
