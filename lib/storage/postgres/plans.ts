import type { StoredPlan } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { Plan } from "../../domain/plan.ts";
import type { PlanFilter, Plans } from "../contract/rows.ts";
import { PLAN_ORDERS, planSortKey } from "../neutral/plan-order.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Client, Database } from "./driver.ts";
import { withLinks } from "./links.ts";
import { type Condition, given, readPage } from "./paging.ts";
import { decodeRow, SCOPE } from "./rows.ts";

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
          order: PLAN_ORDERS[sort],
          table: "plans",
          columns: columnsOf(fields),
          parts: (client) => filter.projects.map((project) => conditionsOf(client, filter, project)),
          keyOf: (plan) => [planSortKey(plan, sort), plan.id],
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
