import { observationOf } from "./claude-mem-observation.ts";
import { sessionOf, strayPrompt, straySummary } from "./claude-mem-session.ts";
import { type ClaudeMemory, sessionIdIn } from "./claude-memory.ts";
import type { Finding, Reading } from "./finding.ts";
import { eachRecord, requireTable, type TableRecord, unreadTables } from "./foreign-records.ts";
import { fileAt } from "./place.ts";

/** What claude-mem calls its database, below the folder that is given. */
const FILES = ["claude-mem.db", ".claude-mem/claude-mem.db"];

/** In the order in which they are read; the last three are of its versions before 4. */
const TABLES = [
  "sdk_sessions",
  "observations",
  "session_summaries",
  "user_prompts",
  "sessions",
  "memories",
  "overviews",
];

/**
 * A database of claude-mem, of any of its versions: sessions with their prompts and summaries are sessions,
 * observations are events. @throws KnowledgeError `not_found`, `invalid_input`, `unavailable`.
 */
export async function* readClaudeMem(reading: Reading): AsyncGenerator<Finding, void> {
  const { path, modifiedAt } = await fileAt(reading.path, "claude-mem", FILES);
  const tables = await reading.openTables(path);
  try {
    requireTable(tables, path, "claude-mem", ["sdk_sessions", "observations", "memories"]);
    const total = TABLES.reduce((sum, table) => sum + tables.count(table), 0);
    let done = 0;
    const memory: ClaudeMemory = { reading, tables, modifiedAt, sessions: new Map() };
    for (const table of TABLES) {
      for (const finding of eachRecord(tables, table, (record) => readRecord(memory, table, record))) {
        reading.onProgress(Math.min(++done, total), total);
        yield finding;
      }
    }
    yield* unreadTables(tables, TABLES);
  } finally {
    tables.close();
  }
}

function readRecord(memory: ClaudeMemory, table: string, record: TableRecord): Finding | undefined {
  switch (table) {
    case "sdk_sessions":
    case "sessions":
      return sessionOf(memory, table, record);
    case "observations":
    case "memories":
      return observationOf(memory, table, record);
    case "user_prompts":
      return memory.sessions.has(sessionIdIn(record)) ? undefined : strayPrompt(memory, record);
    default:
      return memory.sessions.has(sessionIdIn(record)) ? undefined : straySummary(memory, table, record);
  }
}
