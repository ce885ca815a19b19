import { KINDS, type ProjectId } from "../../domain/ids.ts";
import type { Finding } from "../contract/upkeep.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { brokenSeals } from "./changes.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./driver.ts";
import { checkWritten } from "./history-check.ts";
import { networkFileSystem } from "./place.ts";
import { damagedRows } from "./record-check.ts";

/** What is wrong with the file and the rows of truth; [] when nothing is. */
export function checkStore({ db, file }: Connection): readonly Finding[] {
  return [
    ...checkFile(db),
    ...checkReferences(db),
    ...KINDS.flatMap((kind) => checkHistory(db, SHAPES[kind].table, kind)),
    ...checkRows(db),
    ...checkWritten(db),
    ...checkSeals(db),
    ...checkPlace(file),
  ];
}

function checkFile(db: Database): readonly Finding[] {
  const says = db.prepare("PRAGMA integrity_check(20)").raw().map(String);
  if (says.length === 1 && says[0] === "ok") return [];
  return says.map((what) => ({
    severity: "error",
    what: `The file is damaged: ${what}.`,
    advice: "Restore a backup, or run `aiknowsys doctor --fix` to rebuild indexes and see what can be saved.",
  }));
}

function checkReferences(db: Database): readonly Finding[] {
  const tables = new Map<string, number>();
  for (const [table] of db.prepare("PRAGMA foreign_key_check").raw()) {
    tables.set(String(table), (tables.get(String(table)) ?? 0) + 1);
  }
  return [...tables].map(([table, rows]) => ({
    severity: "error",
    what: `${rows} rows of ${table} belong to a project or row that is not there.`,
    advice: "Restore a backup: rows were removed by something other than AIKnowSys.",
  }));
}

function checkRows(db: Database): readonly Finding[] {
  return damagedRows(db).faults.map(({ item, reason }) => ({
    severity: "error",
    what: `Damaged: ${item}, ${reason}.`,
    advice: "Restore a backup; exports and migrations leave such rows behind, each by its name.",
  }));
}

function checkHistory(db: Database, table: string, kind: string): readonly Finding[] {
  const lacking = (log: string) =>
    Number(
      db
        .prepare(
          `SELECT count(*) FROM ${table} AS r WHERE NOT EXISTS (
             SELECT 1 FROM ${log} AS l WHERE l.tenant_id = r.tenant_id AND l.project_id = r.project_id
             AND l.kind = ? AND l.row_id = r.id AND l.revision = r.revision)`,
        )
        .raw(kind)[0]?.[0],
    );
  const bodies = lacking("revisions");
  const lines = lacking("changes");
  return [
    ...(bodies > 0 ? [warning(`${bodies} ${table} have no kept body of their newest revision.`)] : []),
    ...(lines > 0 ? [warning(`${lines} ${table} have no change line for their newest revision.`)] : []),
  ];
}

function checkSeals(db: Database): readonly Finding[] {
  const projects = db.prepare("SELECT DISTINCT project_id FROM change_seals").raw();
  // SAFETY: the column refers to `projects.id`, whose CHECK holds it to a lower-case UUID.
  return projects.flatMap(([id]) => sealFindings(db, String(id) as ProjectId));
}

function sealFindings(db: Database, project: ProjectId): readonly Finding[] {
  return brokenSeals(db, project).map(({ fromSeq, toSeq }) => ({
    severity: "error",
    what: `The changes ${fromSeq} to ${toSeq} of project ${project} are not what was sealed.`,
    advice: "Somebody edited the change log: compare it with a backup.",
  }));
}

function checkPlace(file: string): readonly Finding[] {
  const network = networkFileSystem(file);
  if (network === undefined) return [];
  return [
    {
      severity: "warning",
      what: `The store lies on a network file system (${network}), whose locks SQLite cannot rely on.`,
      advice: "Move the store to a local disk (--db or SQLITE_PATH), or share it by PostgreSQL.",
    },
  ];
}

function warning(what: string): Finding {
  return { severity: "warning", what, advice: "History is incomplete: of these rows less can be proved." };
}
