import { EVENT_TYPES } from "../../lib/domain/vocabulary.ts";
import { list, number, requiredText, text, truth } from "../read-arguments.ts";
import { COMMON, PAGED, readTool, writeTool } from "../tool.ts";
import { pageOutput, ROW_OUTPUT } from "./output.ts";

export const queryEventsTool = readTool({
  name: "query_events",
  title: "List events",
  description:
    "List recorded facts (decisions, bugs, validations…) by type, time, tag, plan or session, newest first. To find by meaning use semantic_search; to read one use get_document.",
  properties: {
    type: { type: "string", description: EVENT_TYPES.join("|") },
    after: { type: "string", description: "2026-02-14, last week, 3 days ago" },
    before: { type: "string" },
    tag: { type: "string" },
    plan: { type: "string" },
    session: { type: "string" },
    include_superseded: { type: "boolean" },
    timezone: { type: "string" },
    ...PAGED,
  },
  required: [],
  output: pageOutput("events"),
  run: async ({ deps, scope, maxTokens }, args) => {
    const { queryEvents } = await import("../../lib/knowledge/query.ts");
    const { fitPage } = await import("../page.ts");
    const ask = (limit: number | undefined) =>
      queryEvents(deps, scope, {
        type: text(args, "type"),
        after: text(args, "after"),
        before: text(args, "before"),
        tag: text(args, "tag"),
        plan: text(args, "plan"),
        session: text(args, "session"),
        includeSuperseded: truth(args, "include_superseded"),
        timezone: text(args, "timezone"),
        limit,
        cursor: text(args, "cursor"),
      });
    return fitPage("events", { limit: number(args, "limit"), maxTokens }, ask);
  },
});

export const recordEventTool = writeTool({
  name: "record_event",
  title: "Record event",
  description:
    "Record one fact worth remembering: a decision, bug, result or lesson. Use it when something is decided or learned; supersedes replaces an older event. For intentions use create_plan.",
  properties: {
    type: { type: "string", enum: EVENT_TYPES },
    data: {
      type: "object",
      description:
        "by type: decision_made {decision*, rationale, alternatives[]}; bug_encountered {symptom*, rootCause, fix}; task_completed {task*, outcome}; learning_captured {learning*, context}; validation_* {command*, summary}; pattern_discovered {pattern*}; goal_defined {goal*}; session_started {title*}; note {text*}",
    },
    summary: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    plan: { type: "string" },
    session: { type: "string" },
    files: { type: "array", items: { type: "string" } },
    commit: { type: "string" },
    supersedes: { type: "string", description: "ref of the event it replaces" },
    ...COMMON,
  },
  required: ["type", "data"],
  output: ROW_OUTPUT,
  run: async ({ deps, project, client, retryKey }, args) => {
    const { recordEvent } = await import("../../lib/knowledge/record-event.ts");
    return recordEvent(deps, await project(), {
      type: requiredText(args, "type"),
      data: args.data,
      summary: text(args, "summary"),
      tags: list(args, "tags"),
      plan: text(args, "plan"),
      session: text(args, "session"),
      files: list(args, "files"),
      commit: text(args, "commit"),
      supersedes: text(args, "supersedes"),
      agent: client,
      retryKey,
    });
  },
});
