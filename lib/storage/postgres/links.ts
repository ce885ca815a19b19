import type { ProjectId } from "../../domain/ids.ts";
import type { PlanLink } from "../../domain/plan.ts";
import { type TargetName, targetNames } from "../neutral/link-targets.ts";
import type { Client } from "./driver.ts";
import { SCOPE } from "./rows.ts";

/** A plan as far as its links need it. */
export interface LinkedPlan {
  readonly project: ProjectId;
  readonly id: string;
  readonly path?: string | undefined;
}

/** Plans with their links in order; `resolved` is looked up now, because plans come and go. */
export async function withLinks<Plan extends LinkedPlan>(
  client: Client,
  plans: readonly Plan[],
): Promise<readonly (Plan & { readonly links: PlanLink[] })[]> {
  if (plans.length === 0) return [];
  const rows = await client.rows(
    `SELECT plan_id, rel, target FROM plan_links
     WHERE tenant_id = ? AND project_id = ANY (?::uuid[]) AND plan_id = ANY (?::uuid[]) ORDER BY position`,
    client.tenant,
    [...new Set(plans.map(({ project }) => project))],
    plans.map(({ id }) => id),
  );
  const linked: (Plan & { readonly links: PlanLink[] })[] = [];
  for (const plan of plans) {
    const links: PlanLink[] = [];
    for (const [id, rel, target] of rows) {
      if (id !== plan.id) continue;
      const resolved = await findTarget(client, plan, String(target));
      links.push({ rel: String(rel), target: String(target), ...(resolved !== undefined && { resolved }) });
    }
    linked.push({ ...plan, links });
  }
  return linked;
}

/** Puts these links in place of the plan's earlier ones. */
export async function writeLinks(
  client: Client,
  plan: LinkedPlan,
  links: readonly PlanLink[],
): Promise<void> {
  await client.run(
    `DELETE FROM plan_links WHERE ${SCOPE} AND plan_id = ?`,
    client.tenant,
    plan.project,
    plan.id,
  );
  if (links.length === 0) return;
  await client.run(
    `INSERT INTO plan_links (tenant_id, project_id, plan_id, position, rel, target)
     SELECT ?::uuid, ?::uuid, ?::uuid, place - 1, rel, target
     FROM unnest(?::text[], ?::text[]) WITH ORDINALITY AS link (rel, target, place)`,
    client.tenant,
    plan.project,
    plan.id,
    links.map(({ rel }) => rel),
    links.map(({ target }) => target),
  );
}

/** The ref of the live plan that a link's target names. */
async function findTarget(client: Client, from: LinkedPlan, target: string): Promise<string | undefined> {
  for (const name of targetNames(target, from)) {
    const ref = await refOf(client, from, name);
    if (ref !== undefined) return ref;
  }
  return undefined;
}

async function refOf(
  client: Client,
  { project }: LinkedPlan,
  { column, value }: TargetName,
): Promise<string | undefined> {
  const condition =
    column === "title_folded"
      ? "left(title_folded, 200) = left(?, 200) AND title_folded = ?"
      : `${column} = ?`;
  const values = column === "title_folded" ? [value, value] : [value];
  const [row] = await client.rows(
    `SELECT ref FROM plans WHERE ${SCOPE} AND deleted_at IS NULL AND ${condition} ORDER BY id LIMIT 1`,
    client.tenant,
    project,
    ...values,
  );
  return row === undefined ? undefined : String(row[0]);
}
