import { KINDS } from "../../lib/domain/ids.ts";
import { SEARCH_MODES } from "../../lib/domain/search.ts";
import { countThatFits } from "../fit.ts";
import { ageOf, quote } from "../quoted.ts";
import { number, requiredText, text, truth } from "../read-arguments.ts";
import { COMMON, PAGED, readTool } from "../tool.ts";
import { RESUME_OUTPUT, ROW_OUTPUT, SEARCH_OUTPUT, STATUS_OUTPUT } from "./output.ts";

/** How long a call waits for a model that is still warming; then words answer alone (RULES 26). */
const MODEL_WAIT_MS = 200;

export const resumeWorkTool = readTool({
  name: "resume_work",
  title: "Resume work",
  description:
    "What you need at the start of work: active plans, last sessions, open tasks, recent decisions and failures, what changed since last time. Call it first.",
  properties: { since: { type: "string", description: "cursor of an earlier answer" }, ...COMMON },
  required: [],
  output: RESUME_OUTPUT,
  run: async ({ deps, project, client, maxTokens }, args) => {
    const { resumeWork } = await import("../../lib/knowledge/resume.ts");
    return resumeWork(deps, await project(), {
      since: text(args, "since"),
      client,
      maxTokens: args.max_tokens === undefined ? 1_500 : maxTokens,
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
    kind: { type: "string", description: `${KINDS.join(",")}: one or several` },
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
    const answer = await searchKnowledge(deps, scope, {
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
    });
    const now = deps.clock();
    const results = answer.results.map(({ snippet, author, ...result }) => ({
      ...result,
      ...quote(snippet, { source: result.ref, author, at: result.date }, now),
    }));
    const rest = { ...answer, results: [] };
    const kept = countThatFits(results, rest, maxTokens);
    const more = kept < results.length ? { nextCursor: `s${offsetOf(text(args, "cursor")) + kept}` } : {};
    return {
      ...answer,
      count: kept,
      results: results.slice(0, kept),
      omitted: results.length - kept,
      ...more,
    };
  },
});

export const getDocumentTool = readTool({
  name: "get_document",
  title: "Read document",
  description:
    "Read one plan, session, pattern or event by ref, slug or id. Long text: detail preview, or one section; nextCursor goes on.",
  properties: {
    id: { type: "string" },
    detail: { type: "string", enum: ["preview", "metadata", "section", "full"] },
    section: { type: "string", description: "a heading" },
    cursor: { type: "string" },
    ...COMMON,
  },
  required: ["id"],
  output: ROW_OUTPUT,
  run: async ({ deps, scope, maxTokens }, args) => {
    const { showDocument } = await import("../../lib/knowledge/detail.ts");
    const request = {
      id: requiredText(args, "id"),
      detail: text(args, "detail"),
      section: text(args, "section"),
      cursor: text(args, "cursor"),
    };
    const { content, ...row } = await showDocument(deps, scope, {
      ...request,
      maxTokens: Math.max(50, maxTokens - 120),
    });
    if (content === undefined) return row;
    const at = "updatedAt" in row ? row.updatedAt : row.recordedAt;
    const source = "path" in row && row.path !== undefined ? row.path : row.ref;
    return { ...row, quoted: content, source, age: ageOf(at, deps.clock()) };
  },
});

export const getStatusTool = readTool({
  name: "get_status",
  title: "Status",
  description:
    "The store's counts, embedding coverage, index lag and advice. Use it when answers look incomplete.",
  properties: COMMON,
  required: [],
  output: STATUS_OUTPUT,
  run: async ({ deps, scope }) => {
    const { getStatus } = await import("../../lib/knowledge/status.ts");
    return getStatus(deps, scope);
  },
});

function offsetOf(cursor: string | undefined): number {
  return Number(cursor?.slice(1) ?? 0);
}
