import { PLAN_PRIORITIES, PLAN_STATUSES, PLAN_TYPES } from "../../lib/domain/vocabulary.ts";
import type { Property } from "../json-schema.ts";
import { list, number, requiredText, text } from "../read-arguments.ts";
import { COMMON, PAGED, readTool, type ToolArguments, writeTool } from "../tool.ts";
import { pageOutput, ROW_OUTPUT } from "./output.ts";

const FIELDS: Readonly<Record<string, Property>> = {
  status: { type: "string", enum: PLAN_STATUSES },
  priority: { type: "string", enum: PLAN_PRIORITIES },
  type: { type: "string", enum: PLAN_TYPES },
  topics: { type: "array", items: { type: "string" } },
  author: { type: "string" },
};

export const queryPlansTool = readTool({
  name: "query_plans",
  title: "List plans",
  description:
    "List plans by exact fields (status, priority, dates…), newest first. To find by meaning or words use semantic_search; to read one use get_document.",
  properties: {
    status: { type: "string", description: PLAN_STATUSES.join("|") },
    author: { type: "string" },
    topic: { type: "string", description: "part of a topic or title" },
    priority: { type: "string", enum: PLAN_PRIORITIES },
    type: { type: "string", enum: PLAN_TYPES },
    updated_after: { type: "string", description: "2026-02-14, yesterday, last week, 3 days ago" },
    updated_before: { type: "string" },
    sort: { type: "string", enum: ["updated", "created", "title", "priority", "status"] },
    timezone: { type: "string" },
    ...PAGED,
  },
  required: [],
  output: pageOutput("plans"),
  run: async ({ deps, scope, maxTokens }, args) => {
    const { queryPlans } = await import("../../lib/knowledge/query.ts");
    const { fitPage } = await import("../page.ts");
    const ask = (limit: number | undefined) =>
      queryPlans(deps, scope, {
        status: text(args, "status"),
        author: text(args, "author"),
        topic: text(args, "topic"),
        priority: text(args, "priority"),
        type: text(args, "type"),
        updatedAfter: text(args, "updated_after"),
        updatedBefore: text(args, "updated_before"),
        sort: text(args, "sort"),
        timezone: text(args, "timezone"),
        limit,
        cursor: text(args, "cursor"),
      });
    return fitPage("plans", { limit: number(args, "limit"), maxTokens }, ask);
  },
});

export const createPlanTool = writeTool({
  name: "create_plan",
  title: "Create plan",
  description:
    "Record a new plan: an intention with a status. For a fact or decision use record_event; to change a plan use update_plan.",
  properties: {
    title: { type: "string" },
    content: { type: "string", description: "markdown" },
    description: { type: "string" },
    ...FIELDS,
    ...COMMON,
  },
  required: ["title"],
  output: ROW_OUTPUT,
  run: async ({ deps, project }, args) => {
    const { createPlan } = await import("../../lib/knowledge/write-plan.ts");
    return createPlan(deps, await project(), {
      title: requiredText(args, "title"),
      content: text(args, "content"),
      description: text(args, "description"),
      ...fieldsOf(args),
    });
  },
});

export const updatePlanTool = writeTool({
  name: "update_plan",
  title: "Update plan",
  description:
    "Change a plan's status, fields or text. append adds at the end (or at the end of section); replace_section rewrites one section. Pass the revision you read, to be told when somebody else changed it since. For a new plan use create_plan.",
  properties: {
    id: { type: "string", description: "ref, slug or id" },
    title: { type: "string" },
    ...FIELDS,
    append: { type: "string" },
    section: { type: "string", description: "a heading" },
    replace_section: { type: "string", description: "new text of section" },
    revision: { type: "integer" },
    ...COMMON,
  },
  required: ["id"],
  output: ROW_OUTPUT,
  run: async ({ deps, scope }, args) => {
    const { updatePlan } = await import("../../lib/knowledge/write-plan.ts");
    return updatePlan(deps, scope, {
      id: requiredText(args, "id"),
      title: text(args, "title"),
      append: text(args, "append"),
      section: text(args, "section"),
      replaceSection: text(args, "replace_section"),
      revision: number(args, "revision"),
      ...fieldsOf(args),
    });
  },
});

function fieldsOf(args: ToolArguments) {
  return {
    status: text(args, "status"),
    priority: text(args, "priority"),
    type: text(args, "type"),
    topics: list(args, "topics"),
    author: text(args, "author"),
  };
}
