import { folded } from "../../domain/folded.ts";
import type { Plan } from "../../domain/plan.ts";
import { PLAN_PRIORITIES } from "../../domain/vocabulary.ts";
import type { PlanSort } from "../contract/rows.ts";
import type { Order } from "./paging.ts";

const PRIORITY_RANK =
  "(CASE priority WHEN 'high' THEN '0' WHEN 'medium' THEN '1' WHEN 'low' THEN '2' ELSE '3' END)";
const ID: Order = { column: "id", descending: false };

/** The orders of a list of plans. */
export const PLAN_ORDERS: Readonly<Record<PlanSort, readonly Order[]>> = {
  updated: [{ column: "updated_at", descending: true }, ID],
  created: [{ column: "created_at", descending: true }, ID],
  title: [{ column: "title_folded", descending: false }, ID],
  status: [{ column: "status", descending: false }, ID],
  priority: [{ column: PRIORITY_RANK, descending: false }, ID],
};

/** The plan's value of the first column of that order. */
export function planSortKey(plan: Omit<Plan, "links">, sort: PlanSort): string {
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
