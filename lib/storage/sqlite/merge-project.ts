import { KINDS, type ProjectId } from "../../domain/ids.ts";
import { mergedKey } from "../../domain/project.ts";
import type { ProjectMerge } from "../contract/tenancy.ts";
import type { WriteResult } from "../contract/writes.ts";
import { unknownProject, writtenMeanwhile } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { addLacking } from "./projects.ts";
import { SCOPE } from "./rows.ts";
import { openSources } from "./sources.ts";
import { type WriteDeps, writeWithin } from "./writes.ts";

/** See Tenancy.mergeProject; inside one transaction. */
export function mergeProject(
  deps: WriteDeps,
  { from, context, arrivals, departures, files }: ProjectMerge,
): readonly WriteResult[] {
  const { db } = deps;
  const into = context.project;
  const known = db.prepare("SELECT 1 FROM projects WHERE id = ?");
  for (const id of [from, into]) if (known.get(id) === undefined) throw unknownProject(id);
  writeWithin(deps, { ...context, project: from }, departures);
  const left = countLive(db, from);
  if (left > 0) throw writtenMeanwhile(left);
  const results = writeWithin(deps, context, arrivals);
  openSources(db, deps.immediate).record(into, files);
  for (const [table, columns] of LOOKS) moveLook(db, { table, columns, from, into });
  const roots = db.prepare(`SELECT root FROM project_roots WHERE ${SCOPE} ORDER BY position`).raw(from);
  for (const table of ["source_files", "project_roots"])
    db.prepare(`DELETE FROM ${table} WHERE ${SCOPE}`).run(from);
  const lie = roots.map(([root]) => String(root));
  addLacking(db, { table: "project_roots", column: "root" }, into, lie);
  db.prepare(
    `UPDATE project_keys SET project_id = ?, position = position + (SELECT coalesce(max(position) + 1, 0)
       FROM project_keys WHERE ${SCOPE}) WHERE ${SCOPE}`,
  ).run(into, into, from);
  const names = [mergedKey(from), `id:${from}`];
  addLacking(db, { table: "project_keys", column: "key" }, into, names);
  return results;
}

/** What index runs have seen of working copies. */
const LOOKS: readonly (readonly [table: string, columns: string])[] = [
  ["sources", "root, globs, indexed_at"],
  ["source_folders", "root, path, modified_ms"],
];

function countLive(db: Database, project: ProjectId): number {
  return KINDS.reduce((count, kind) => {
    const sql = `SELECT count(*) FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND deleted_at IS NULL`;
    return count + Number(db.prepare(sql).raw(project)[0]?.[0]);
  }, 0);
}

interface Look {
  readonly table: string;
  readonly columns: string;
  readonly from: ProjectId;
  readonly into: ProjectId;
}

function moveLook(db: Database, { table, columns, from, into }: Look): void {
  db.prepare(
    `INSERT OR IGNORE INTO ${table} (tenant_id, project_id, ${columns})
     SELECT tenant_id, ?, ${columns} FROM ${table} WHERE ${SCOPE}`,
  ).run(into, from);
  db.prepare(`DELETE FROM ${table} WHERE ${SCOPE}`).run(from);
}
