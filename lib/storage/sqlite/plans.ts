import type { StoredPlan } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Plan } from "../../domain/plan.ts";
import { PLAN_PRIORITIES, PLAN_STATUSES, PLAN_TYPES } from "../../domain/vocabulary.ts";
import type { PlanFilter, PlanSort, Plans } from "../contract/rows.ts";
import { keysetSql, keysetValues, orderSql } from "../neutral/paging.ts";
import { PLAN_ORDERS, planSortKey } from "../neutral/plan-order.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Bindable, Database } from "./driver.ts";
import { readLinks } from "./links.ts";
import { readPage } from "./paging.ts";
import { decodeRow, LAST, SCOPE } from "./rows.ts";
import type { Sync } from "./sync.ts";

export function openPlans(db: Database): Sync<Plans> {
  const withLinks = <Bare extends BarePlan>(plan: Bare) => ({ ...plan, links: readLinks(db, plan) });
  return {
    ...openDocuments(db, "plan", (plan: Omit<StoredPlan, "links">) => withLinks(plan)),
    query: (filter, request) => {
      const sort = filter.sort ?? "updated";
      return readPage<Plan, ProjectId>(
        {
          name: `plans:${sort}`,
          order: PLAN_ORDERS[sort],
          parts: filter.projects,
          keyOf: (plan) => [planSortKey(plan, sort), plan.id],
          read: (project, after, limit) =>
            readPlans(db, { filter, sort, project, after, limit }).map((plan) => withLinks(plan)),
          count: (project, limit) => countPlans(db, filter, project, limit),
        },
        request,
      );
    },
  };
}

type BarePlan = Omit<Plan, "links">;

const MATCHES = `
  ${SCOPE} AND deleted_at IS NULL
  AND updated_at >= ? AND updated_at < ?
  AND status IN (SELECT value FROM json_each(?))
  AND coalesce(priority, '') IN (SELECT value FROM json_each(?))
  AND coalesce(type, '') IN (SELECT value FROM json_each(?))
  AND author_folded = coalesce(?, author_folded)
  AND instr(topics_folded, ?) > 0`;

function matchValues(filter: PlanFilter, project: ProjectId): readonly Bindable[] {
  return [
    project,
    filter.updatedAfter ?? "",
    filter.updatedBefore ?? LAST,
    JSON.stringify(filter.statuses ?? PLAN_STATUSES),
    JSON.stringify(filter.priorities ?? [...PLAN_PRIORITIES, ""]),
    JSON.stringify(filter.types ?? [...PLAN_TYPES, ""]),
    filter.author === undefined ? null : folded(filter.author),
    folded(filter.topic ?? ""),
  ];
}

interface PlansRead {
  readonly filter: PlanFilter;
  readonly sort: PlanSort;
  readonly project: ProjectId;
  readonly after: readonly string[];
  readonly limit: number;
}

function readPlans(db: Database, { filter, sort, project, after, limit }: PlansRead): readonly BarePlan[] {
  const { fields } = SHAPES.plan;
  const order = PLAN_ORDERS[sort];
  const sql = `SELECT ${columnsOf(fields)} FROM plans
    WHERE ${MATCHES} AND ${keysetSql(order)} ORDER BY ${orderSql(order)} LIMIT ?`;
  const values = [...matchValues(filter, project), ...keysetValues(after), limit];
  return db
    .prepare(sql)
    .raw(...values)
    .map((row) => decodeRow<BarePlan>(fields, row));
}

function countPlans(db: Database, filter: PlanFilter, project: ProjectId, limit: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM plans WHERE ${MATCHES} LIMIT ?)`;
  return Number(db.prepare(sql).raw(...matchValues(filter, project), limit)[0]?.[0]);
}
