import type { Kind } from "../../lib/domain/ids.ts";
import { SEARCH_MODES } from "../../lib/domain/search.ts";
import { number, requiredText, text, truth } from "../read-arguments.ts";
import { COMMON, PAGED, readTool } from "../tool.ts";
import { RESUME_OUTPUT, ROW_OUTPUT, SEARCH_OUTPUT, STATUS_OUTPUT } from "./output.ts";

/** The kinds as text: their module brings more than a start needs. */
const KINDS: readonly Kind[] = ["plan", "session", "pattern", "event"];
/** How long a call waits for a model that is still warming; then words answer alone (RULES 26). */
const MODEL_WAIT_MS = 200;
/** What the start of work costs unless told, and the least that its use case takes. */
const RESUME_TOKENS = 1_500;
const LEAST_RESUME_TOKENS = 200;

/** The start of work in a folder of which nothing is stored: a tool that reads registers nothing. */
const NOTHING_YET = {
  project: {},
  activePlans: [],
  lastSessions: [],
  openTasks: [],
  recentDecisions: [],
  recentFailures: [],
  changedSince: null,
  cursor: "r0",
};

export const resumeWorkTool = readTool({
  name: "resume_work",
  title: "Resume work",
  description:
    "What you need at the start of work: active plans, last sessions, open tasks, recent decisions and failures, what changed since last time. Call it first; for a question use semantic_search.",
  properties: { since: { type: "string", description: "cursor of an earlier answer" }, ...COMMON },
  required: [],
  output: RESUME_OUTPUT,
  run: async ({ deps, scope, client, maxTokens }, args) => {
    const { resumeWork } = await import("../../lib/knowledge/resume.ts");
    if (scope.project === undefined) return NOTHING_YET;
    return resumeWork(deps, scope.project, {
      since: text(args, "since"),
      client,
      maxTokens: args.max_tokens === undefined ? RESUME_TOKENS : Math.max(maxTokens, LEAST_RESUME_TOKENS),
    });
  },
});

export const semanticSearchTool = readTool({
  name: "semantic_search",
  title: "Search",
  description:
    "Find plans, sessions, events and lessons by meaning and words; ask a question or give keywords. Use it before deciding or debugging. For exact filters use query_plans, query_events, query_sessions.",
  properties: {
    query: { type: "string" },
    mode: { type: "string", enum: SEARCH_MODES },
    kind: { type: "string", description: `${KINDS.join(",")}; one or several` },
    after: { type: "string", description: "2026-02-14, last week" },
    before: { type: "string" },
    include_superseded: { type: "boolean" },
    timezone: { type: "string" },
    ...PAGED,
  },
  required: ["query"],
  output: SEARCH_OUTPUT,
  run: async ({ deps, scope, maxTokens }, args) => {
    const { searchKnowledge } = await import("../../lib/knowledge/search.ts");
    const request = {
      query: requiredText(args, "query"),
      mode: text(args, "mode"),
      kind: text(args, "kind"),
      after: text(args, "after"),
      before: text(args, "before"),
      includeSuperseded: truth(args, "include_superseded"),
      timezone: text(args, "timezone"),
      limit: number(args, "limit"),
      cursor: text(args, "cursor"),
      waitMs: MODEL_WAIT_MS,
    };
    const answer = await searchKnowledge(deps, scope, request);
    const { cursorBehind } = await import("../../lib/knowledge/search-cursor.ts");
    const { fitSearch } = await import("../fit-search.ts");
    return fitSearch(answer, {
      maxTokens,
      nowMs: deps.clock(),
      cursorBehind: (result) => cursorBehind(request, scope, { answer, result }),
    });
  },
});

export const getDocumentTool = readTool({
  name: "get_document",
  title: "Read document",
  description:
    "Read one plan, session, pattern or event by ref, slug or id. Long text comes in parts: pass nextCursor as cursor to read on, or ask for one section or detail preview.",
  properties: {
    id: { type: "string", description: "ref, slug or id" },
    detail: { type: "string", enum: ["preview", "metadata", "section", "full"] },
    section: { type: "string", description: "a heading" },
    cursor: { type: "string" },
    ...COMMON,
  },
  required: ["id"],
  output: ROW_OUTPUT,
  run: async ({ deps, scope, maxTokens }, args) => {
    const { showDocument } = await import("../../lib/knowledge/detail.ts");
    const { quoteDocument } = await import("../quote-document.ts");
    const request = {
      id: requiredText(args, "id"),
      detail: text(args, "detail"),
      section: text(args, "section"),
      cursor: text(args, "cursor"),
    };
    return quoteDocument((room) => showDocument(deps, scope, { ...request, maxTokens: room }), {
      cursor: request.cursor,
      maxTokens,
      nowMs: deps.clock(),
    });
  },
});

export const getStatusTool = readTool({
  name: "get_status",
  title: "Status",
  description:
    "The store's counts, embedding coverage, index lag and advice. Use it when answers look incomplete or degraded; for the work itself use resume_work.",
  properties: COMMON,
  required: [],
  output: STATUS_OUTPUT,
  worksAnywhere: true,
  run: async ({ deps, scope, distant }) => {
    const { getStatus } = await import("../../lib/knowledge/status.ts");
    const status = await getStatus(deps, scope);
    if (distant === undefined) return status;
    const { distantStatus } = await import("../distant-status.ts");
    return distantStatus(status, distant);
  },
});
