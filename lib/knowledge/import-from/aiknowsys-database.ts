import { join } from "node:path";
import { sha256 } from "../../domain/ids.ts";
import { readTextFile } from "../../markdown/workspace.ts";
import type { ForeignTables } from "../../storage/contract/foreign-tables.ts";
import { type Old, patternRow, planRow, sessionRow } from "./aiknowsys-rows.ts";
import type { Finding, FoundRow, Reading } from "./finding.ts";
import { eachRecord, requireTable, type TableRecord, unreadTables } from "./foreign-records.ts";
import { optionalText, textOf } from "./foreign-value.ts";
import { lookFor, type Place } from "./place.ts";

/** The files that the rows of a database were made from, where they still lie. */
export interface OldFiles {
  readonly folder: string;
  /** They were read themselves: a row that says nothing else is passed over. */
  readonly isRead: boolean;
}

const TABLES = ["plans", "sessions", "patterns"];

/** Rows of the database of AIKnowSys 0.10. Its projects are no rows: each row keeps the name of its own. */
export async function* databaseFindings(
  reading: Reading,
  { path, modifiedAt }: Place,
  files: OldFiles,
): AsyncGenerator<Finding, void> {
  const tables = await reading.openTables(path);
  try {
    requireTable(tables, path, "aiknowsys-0.10", TABLES);
    const old: Old = { reading, modifiedAt, projects: projectNames(tables) };
    const total = TABLES.reduce((sum, table) => sum + tables.count(table), 0);
    let done = 0;
    for (const table of TABLES) {
      for (const finding of eachRecord(tables, table, (record) => rowOf(old, table, record))) {
        reading.onProgress(++done, total);
        yield finding.is === "row" ? await besideFile(finding, files) : finding;
      }
    }
    yield* unreadTables(tables, [...TABLES, "projects"]);
  } finally {
    tables.close();
  }
}

function rowOf(old: Old, table: string, record: TableRecord): Finding {
  if (table === "sessions") return sessionRow(old, record);
  const isPattern = table === "patterns" || textOf(record.members.type) === "learned-pattern";
  return isPattern ? patternRow(old, table, record) : planRow(old, record);
}

function projectNames(tables: ForeignTables): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const row of tables.rows("projects")) {
    if ("problem" in row) continue;
    const { id, name } = row.values;
    names.set(textOf(id), optionalText(textOf(name)) ?? textOf(id));
  }
  return names;
}

/** A row whose file holds the same text gives way to the file, whether the file is imported or indexed. */
async function besideFile(row: FoundRow, { folder, isRead }: OldFiles): Promise<Finding> {
  const { text: said = "", paths = [] } = row.madeFrom ?? {};
  for (const path of paths) {
    const file = await lookFor(join(folder, path));
    if (file === undefined || file.isFolder) continue;
    const { text, bytes } = await readTextFile(file.path).catch(() => NOTHING);
    if (!plain(text).includes(plain(said))) continue;
    if (isRead) return { is: "skipped", item: row.item, reason: `its file ${path} holds the same text` };
    return { ...row, fileHash: sha256(bytes) };
  }
  return row;
}

const NOTHING = { text: "", bytes: new Uint8Array() };

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
