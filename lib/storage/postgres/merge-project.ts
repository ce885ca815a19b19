import { KINDS, type ProjectId } from "../../domain/ids.ts";
import { mergedKey } from "../../domain/project.ts";
import type { ProjectMerge } from "../contract/tenancy.ts";
import type { WriteResult } from "../contract/writes.ts";
import { unknownProject, writtenMeanwhile } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";
import { addLacking } from "./projects.ts";
import { SCOPE } from "./rows.ts";
import { recordFiles } from "./sources.ts";
import { writeWithin } from "./writes.ts";

/** See Tenancy.mergeProject; inside one transaction. */
export async function mergeProject(
  client: Client,
  { from, context, arrivals, departures, files }: ProjectMerge,
): Promise<readonly WriteResult[]> {
  const into = context.project;
  await lockBoth(client, [from, into]);
  await writeWithin(client, { ...context, project: from }, departures);
  const left = await countLive(client, from);
  if (left > 0) throw writtenMeanwhile(left);
  const results = await writeWithin(client, context, arrivals);
  await recordFiles(client, into, files);
  for (const [table, columns] of LOOKS) await moveLook(client, { table, columns, from, into });
  const roots = await client.rows(
    `SELECT root FROM project_roots WHERE ${SCOPE} ORDER BY position`,
    client.tenant,
    from,
  );
  for (const table of ["source_files", "project_roots"])
    await client.run(`DELETE FROM ${table} WHERE ${SCOPE}`, client.tenant, from);
  const lie = roots.map(([root]) => String(root));
  await addLacking(client, "project_roots (tenant_id, project_id, root, position)", into, lie);
  await client.run(
    `UPDATE project_keys SET project_id = ?::uuid, position = position + (SELECT coalesce(max(position) + 1, 0)
       FROM project_keys WHERE ${SCOPE}) WHERE ${SCOPE}`,
    ...[into, client.tenant, into, client.tenant, from],
  );
  const names = [mergedKey(from), `id:${from}`];
  await addLacking(client, "project_keys (tenant_id, project_id, key, position)", into, names);
  return results;
}

/** What index runs have seen of working copies. */
const LOOKS: readonly (readonly [table: string, columns: string])[] = [
  ["sources", "root, globs, indexed_at"],
  ["source_folders", "root, path, modified_ms"],
];

/** Who writes to either meanwhile waits; always in the same order, so that two merges cannot wait for each other. */
async function lockBoth(client: Client, projects: readonly ProjectId[]): Promise<void> {
  for (const id of projects.toSorted()) {
    const sql = "SELECT 1 FROM projects WHERE tenant_id = ? AND id = ? FOR UPDATE";
    if ((await client.rows(sql, client.tenant, id)).length === 0) throw unknownProject(id);
  }
}

async function countLive(client: Client, project: ProjectId): Promise<number> {
  let count = 0;
  for (const kind of KINDS) {
    const sql = `SELECT count(*) FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND deleted_at IS NULL`;
    count += Number((await client.rows(sql, client.tenant, project))[0]?.[0]);
  }
  return count;
}

interface Look {
  readonly table: string;
  readonly columns: string;
  readonly from: ProjectId;
  readonly into: ProjectId;
}

async function moveLook(client: Client, { table, columns, from, into }: Look): Promise<void> {
  await client.run(
    `INSERT INTO ${table} (tenant_id, project_id, ${columns})
     SELECT tenant_id, ?::uuid, ${columns} FROM ${table} WHERE ${SCOPE} ON CONFLICT DO NOTHING`,
    ...[into, client.tenant, from],
  );
  await client.run(`DELETE FROM ${table} WHERE ${SCOPE}`, client.tenant, from);
}
