import { list, number, requiredText, text } from "../read-arguments.ts";
import { COMMON, PAGED, readTool, writeTool } from "../tool.ts";
import { HISTORY_OUTPUT, ROW_OUTPUT } from "./output.ts";

export const learnPatternTool = writeTool({
  name: "learn_pattern",
  title: "Learn pattern",
  description:
    "Keep a reusable lesson with the situations that should bring it to mind. For a single fact use record_event.",
  properties: {
    title: { type: "string" },
    content: { type: "string", description: "markdown" },
    category: { type: "string" },
    triggers: { type: "array", items: { type: "string" } },
    ...COMMON,
  },
  required: ["title", "content"],
  output: ROW_OUTPUT,
  run: async ({ deps, project }, args) => {
    const { learnPattern } = await import("../../lib/knowledge/learn.ts");
    return learnPattern(deps, await project(), {
      title: requiredText(args, "title"),
      content: requiredText(args, "content"),
      category: text(args, "category"),
      triggers: list(args, "triggers"),
    });
  },
});

export const retractTool = writeTool({
  name: "retract",
  title: "Retract event",
  description:
    "Mark a recorded event as wrong; history keeps it. To replace it by a better one use record_event with supersedes.",
  properties: { id: { type: "string" }, why: { type: "string" }, ...COMMON },
  required: ["id", "why"],
  output: ROW_OUTPUT,
  destructive: true,
  run: async ({ deps, scope }, args) => {
    const { retract } = await import("../../lib/knowledge/retract.ts");
    return retract(deps, scope, { id: requiredText(args, "id"), why: requiredText(args, "why") });
  },
});

export const getHistoryTool = readTool({
  name: "get_history",
  title: "History",
  description:
    "Who changed a row and when, oldest first; as_of also gives the row as it stood at a time. For the row as it is now use get_document.",
  properties: {
    id: { type: "string" },
    as_of: { type: "string", description: "2026-02-14, last week" },
    timezone: { type: "string" },
    ...PAGED,
  },
  required: ["id"],
  output: HISTORY_OUTPUT,
  run: async ({ deps, scope, maxTokens }, args) => {
    const { getHistory } = await import("../../lib/knowledge/history.ts");
    const { pageOfHistory } = await import("../history-page.ts");
    const { fitPage } = await import("../page.ts");
    const history = await getHistory(deps, scope, {
      id: requiredText(args, "id"),
      asOf: text(args, "as_of"),
      timezone: text(args, "timezone"),
    });
    return fitPage("entries", { limit: number(args, "limit"), maxTokens }, async (limit) =>
      pageOfHistory(history, { limit, cursor: text(args, "cursor"), maxTokens }),
    );
  },
});
