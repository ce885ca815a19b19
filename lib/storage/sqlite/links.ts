import type { ProjectId } from "../../domain/ids.ts";
import type { PlanLink } from "../../domain/plan.ts";
import { targetNames } from "../neutral/link-targets.ts";
import type { Bindable, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";

/** A plan as far as its links need it. */
export interface LinkedPlan {
  readonly project: ProjectId;
  readonly id: string;
  readonly path?: string | undefined;
}

/** A plan's links in their order; `resolved` is looked up now, because plans come and go. */
export function readLinks(db: Database, plan: LinkedPlan): PlanLink[] {
  const rows = db
    .prepare(`SELECT rel, target FROM plan_links WHERE ${SCOPE} AND plan_id = ? ORDER BY position`)
    .raw(plan.project, plan.id);
  return rows.map(([rel, target]) => {
    const resolved = findTarget(db, plan, String(target));
    return { rel: String(rel), target: String(target), ...(resolved !== undefined && { resolved }) };
  });
}

/** Puts these links in place of the plan's earlier ones. */
export function writeLinks(db: Database, plan: LinkedPlan, links: readonly PlanLink[]): void {
  db.prepare(`DELETE FROM plan_links WHERE ${SCOPE} AND plan_id = ?`).run(plan.project, plan.id);
  const insert = db.prepare(
    `INSERT INTO plan_links (tenant_id, project_id, plan_id, position, rel, target)
     SELECT tenant_id, project_id, id, ?, ?, ? FROM plans WHERE ${SCOPE} AND id = ?`,
  );
  for (const [position, { rel, target }] of links.entries()) {
    insert.run(position, rel, target, plan.project, plan.id);
  }
}

/** The ref of the live plan that a link's target names. */
function findTarget(db: Database, from: LinkedPlan, target: string): string | undefined {
  for (const { column, value } of targetNames(target, from)) {
    const ref = refWhere(db, from, `${column} = ? ORDER BY id`, value);
    if (ref !== undefined) return ref;
  }
  return undefined;
}

function refWhere(
  db: Database,
  { project }: LinkedPlan,
  condition: string,
  value: Bindable,
): string | undefined {
  const row = db
    .prepare(`SELECT ref FROM plans WHERE ${SCOPE} AND deleted_at IS NULL AND ${condition} LIMIT 1`)
    .raw(project, value)[0];
  return row === undefined ? undefined : String(row[0]);
}
