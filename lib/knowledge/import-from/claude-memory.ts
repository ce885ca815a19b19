import { refsOf, rowIdOfImport } from "../../domain/ids.ts";
import type { ForeignTables } from "../../storage/contract/foreign-tables.ts";
import type { Reading } from "./finding.ts";
import type { TableRecord } from "./foreign-records.ts";
import { firstText } from "./foreign-value.ts";

/** What is known while a database of claude-mem is read. */
export interface ClaudeMemory {
  readonly reading: Reading;
  readonly tables: ForeignTables;
  readonly modifiedAt: string;
  /** Each id by which a session that came so far may be named, with the id of its row. */
  readonly sessions: Map<string, string>;
}

/** Names of the columns that say which session a record belongs to, newest first: they were renamed twice. */
export const SESSION_COLUMNS = [
  "memory_session_id",
  "sdk_session_id",
  "content_session_id",
  "claude_session_id",
  "session_id",
];

/** The session that a record belongs to, as it names it. */
export function sessionIdIn({ members }: Pick<TableRecord, "members">): string {
  return firstText(members, ...SESSION_COLUMNS);
}

/** The ref of the session that a record belongs to, where it came. */
export function sessionRef({ reading, sessions }: ClaudeMemory, record: TableRecord): string | undefined {
  const own = sessions.get(sessionIdIn(record));
  const { project } = reading;
  return own === undefined
    ? undefined
    : refsOf("session", rowIdOfImport(project, "session", "claude-mem", own))[0];
}
