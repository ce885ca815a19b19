import { SESSION_STATUSES } from "../../lib/domain/vocabulary.ts";
import { list, number, requiredText, text } from "../read-arguments.ts";
import { COMMON, PAGED, readTool, writeTool } from "../tool.ts";
import { pageOutput, ROW_OUTPUT } from "./output.ts";

export const querySessionsTool = readTool({
  name: "query_sessions",
  title: "List sessions",
  description:
    "List work sessions by date, plan, topic or status, newest first. To find by meaning use semantic_search; to read one use get_document.",
  properties: {
    date: { type: "string", description: "today, yesterday, 2026-02-14" },
    date_after: { type: "string" },
    date_before: { type: "string" },
    days: { type: "integer", description: "the last N days" },
    topic: { type: "string" },
    plan: { type: "string" },
    status: { type: "string", enum: SESSION_STATUSES },
    timezone: { type: "string" },
    ...PAGED,
  },
  required: [],
  output: pageOutput("sessions"),
  run: async ({ deps, scope, maxTokens }, args) => {
    const { querySessions } = await import("../../lib/knowledge/query.ts");
    const { fitPage } = await import("../page.ts");
    const ask = (limit: number | undefined) =>
      querySessions(deps, scope, {
        date: text(args, "date"),
        dateAfter: text(args, "date_after"),
        dateBefore: text(args, "date_before"),
        days: number(args, "days"),
        topic: text(args, "topic"),
        plan: text(args, "plan"),
        status: text(args, "status"),
        timezone: text(args, "timezone"),
        limit,
        cursor: text(args, "cursor"),
      });
    return fitPage("sessions", { limit: number(args, "limit"), maxTokens }, ask);
  },
});

export const createSessionTool = writeTool({
  name: "create_session",
  title: "Create session",
  description:
    "Begin the log of a work session. To add to the running one use update_session with id latest.",
  properties: {
    title: { type: "string" },
    date: { type: "string", description: "default today" },
    plan: { type: "string" },
    topics: { type: "array", items: { type: "string" } },
    content: { type: "string", description: "markdown" },
    timezone: { type: "string" },
    ...COMMON,
  },
  required: [],
  output: ROW_OUTPUT,
  run: async ({ deps, project }, args) => {
    const { createSession } = await import("../../lib/knowledge/write-session.ts");
    return createSession(deps, await project(), {
      title: text(args, "title"),
      date: text(args, "date"),
      plan: text(args, "plan"),
      topics: list(args, "topics"),
      content: text(args, "content"),
      timezone: text(args, "timezone"),
    });
  },
});

export const updateSessionTool = writeTool({
  name: "update_session",
  title: "Update session",
  description:
    "Add text, files or topics to a session, or close it (status complete). For a single fact use record_event; to begin a session use create_session.",
  properties: {
    id: { type: "string", description: "ref, slug, id or latest" },
    append: { type: "string" },
    section: { type: "string", description: "heading to append to" },
    status: { type: "string", enum: SESSION_STATUSES },
    add_file: { type: "array", items: { type: "string" } },
    add_topic: { type: "array", items: { type: "string" } },
    revision: { type: "integer" },
    ...COMMON,
  },
  required: ["id"],
  output: ROW_OUTPUT,
  run: async ({ deps, scope }, args) => {
    const { updateSession } = await import("../../lib/knowledge/write-session.ts");
    return updateSession(deps, scope, {
      id: requiredText(args, "id"),
      append: text(args, "append"),
      section: text(args, "section"),
      status: text(args, "status"),
      addFile: list(args, "add_file"),
      addTopic: list(args, "add_topic"),
      revision: number(args, "revision"),
    });
  },
});
