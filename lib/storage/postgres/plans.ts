import type { StoredPlan } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { Plan } from "../../domain/plan.ts";
import { PLAN_PRIORITIES } from "../../domain/vocabulary.ts";
import type { PlanFilter, PlanSort, Plans } from "../contract/rows.ts";
import type { Order } from "../neutral/paging.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Client, Database } from "./driver.ts";
import { withLinks } from "./links.ts";
import { type Condition, given, readPage } from "./paging.ts";
import { columnsOf, decodeRow, SCOPE } from "./rows.ts";

const PRIORITY_RANK =
  "(CASE priority WHEN 'high' THEN '0' WHEN 'medium' THEN '1' WHEN 'low' THEN '2' ELSE '3' END)";
const ID: Order = { column: "id", descending: false };
const ORDERS: Readonly<Record<PlanSort, readonly Order[]>> = {
  updated: [{ column: "updated_at", descending: true }, ID],
  created: [{ column: "created_at", descending: true }, ID],
  title: [{ column: "title_folded", descending: false }, ID],
  status: [{ column: "status", descending: false }, ID],
  priority: [{ column: PRIORITY_RANK, descending: false }, ID],
};

type BarePlan = Omit<Plan, "links">;

export function openPlans(database: Database): Plans {
  const { fields } = SHAPES.plan;
  return {
    ...openDocuments(database, "plan", (client, plans: readonly Omit<StoredPlan, "links">[]) =>
      withLinks(client, plans),
    ),
    query: async (filter, request) => {
      const sort = filter.sort ?? "updated";
      const page = await readPage<BarePlan>(
        database,
        {
          name: `plans:${sort}`,
          order: ORDERS[sort],
          table: "plans",
          columns: columnsOf(fields),
          parts: (client) => filter.projects.map((project) => conditionsOf(client, filter, project)),
          keyOf: (plan) => [sortKeyOf(plan, sort), plan.id],
          decode: (row) => decodeRow<BarePlan>(fields, row),
        },
        request,
      );
      return { ...page, items: await database.read((client) => withLinks(client, page.items)) };
    },
  };
}

function conditionsOf(client: Client, filter: PlanFilter, project: string): readonly Condition[] {
  return [
    [`${SCOPE} AND deleted_at IS NULL`, client.tenant, project],
    ...given(filter.updatedAfter, (at): Condition => ["updated_at >= ?", at]),
    ...given(filter.updatedBefore, (at): Condition => ["updated_at < ?", at]),
    ...given(filter.statuses, (list): Condition => ["status = ANY (?)", list]),
    ...given(filter.priorities, (list): Condition => ["priority = ANY (?)", list]),
    ...given(filter.types, (list): Condition => ["type = ANY (?)", list]),
    ...given(filter.author, (name): Condition => ["author_folded = ?", folded(name)]),
    ...given(filter.topic, (text): Condition => ["strpos(topics_folded, ?) > 0", folded(text)]),
  ];
}

function sortKeyOf(plan: BarePlan, sort: PlanSort): string {
  switch (sort) {
    case "updated":
      return plan.updatedAt;
    case "created":
      return plan.createdAt;
    case "title":
      return folded(plan.title);
    case "status":
      return plan.status;
    case "priority":
      return String(plan.priority === undefined ? 3 : PLAN_PRIORITIES.indexOf(plan.priority));
    default:
      return sort satisfies never;
  }
}
