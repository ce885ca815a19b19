/** A value of another program's table. Whole numbers beyond 2^53 lose their last digits. */
export type ForeignValue = string | number | null | Uint8Array;

/** A row by column name, or why it cannot be read. */
export type ForeignRow =
  | { readonly rowid: number; readonly values: Readonly<Record<string, ForeignValue>> }
  | { readonly rowid: number | undefined; readonly problem: string };

/**
 * The tables of another program's SQLite file as they were when it was opened. What is read is a copy: the
 * file itself, and what lies beside it, is never touched.
 */
export interface ForeignTables {
  /** Columns of each ordinary table by name, in the order of the table's name. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /** Rows of a table; 0 for one that is not there or cannot be counted. */
  count(table: string): number;
  /** Every row in the order of its number. A row that cannot be read does not stop the others. */
  rows(table: string): Iterable<ForeignRow>;
  /** Rows whose column equals the text, in their order. None when table or column is not there. */
  matching(table: string, column: string, text: string): Iterable<ForeignRow>;
  close(): void;
}
