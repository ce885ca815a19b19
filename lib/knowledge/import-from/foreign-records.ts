import { KnowledgeError } from "../../domain/error.ts";
import type { ForeignTables } from "../../storage/contract/foreign-tables.ts";
import type { Finding, Peer } from "./finding.ts";
import type { Members } from "./foreign-value.ts";

/** A record of a table, named for the report. */
export interface TableRecord {
  readonly item: string;
  readonly rowid: number;
  readonly members: Members;
}

/** Tables that hold no records: SQLite's, word indexes, version numbers. */
const NO_RECORDS = /^sqlite_|_fts(?:_|$)|^schema_(?:versions|migrations)$|^migrations$/;

/** Says which tables with rows nobody reads, so that nothing is left behind in silence. */
export function* unreadTables(tables: ForeignTables, read: readonly string[]): Generator<Finding> {
  for (const table of tables.tables.keys()) {
    const count = read.includes(table) || NO_RECORDS.test(table) ? 0 : tables.count(table);
    if (count > 0) yield { is: "note", item: table, reason: `is not taken: a table of ${count} rows` };
  }
}

/** A finding for each row of a table; a row that cannot be read, or that its reader refuses, is a fault. */
export function* eachRecord(
  tables: ForeignTables,
  table: string,
  read: (record: TableRecord) => Finding | readonly Finding[] | undefined,
): Generator<Finding> {
  for (const row of tables.rows(table)) {
    const item = row.rowid === undefined ? table : `${table} ${row.rowid}`;
    if ("problem" in row) yield { is: "fault", item, reason: `cannot be read: ${row.problem}` };
    else yield* attempted(item, () => read({ item, rowid: row.rowid, members: row.values }));
  }
}

/** What a reader makes of a record; what it refuses is a fault. */
export function attempted(
  item: string,
  read: () => Finding | readonly Finding[] | undefined,
  line?: number,
): readonly Finding[] {
  try {
    const found = read();
    if (found === undefined) return [];
    return "is" in found ? [found] : found;
  } catch (error) {
    if (error instanceof KnowledgeError) return [{ is: "fault", item, line, reason: error.message }];
    throw error;
  }
}

/** Refuses a database that has none of a tool's tables. @throws KnowledgeError `invalid_input`. */
export function requireTable(
  { tables }: ForeignTables,
  path: string,
  peer: Peer,
  wanted: readonly string[],
): void {
  if (wanted.some((table) => tables.has(table))) return;
  throw new KnowledgeError(
    "invalid_input",
    `${path} is no database of ${peer}: it has no table ${wanted[0]}.`,
    {
      field: "path",
      hint: "Give the database file of the tool that is named.",
    },
  );
}
