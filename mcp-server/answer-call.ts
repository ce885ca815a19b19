import { asKnowledgeError, KnowledgeError } from "../lib/domain/error.ts";
import type { Project } from "../lib/domain/project.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { budgetOf, checkArguments } from "./arguments.ts";
import { answerResult, errorResult } from "./result.ts";
import type { CallToolResult } from "./sdk.ts";
import type { FinishedCall, ServerOptions } from "./server-options.ts";
import type { Tool, ToolArguments, ToolContext } from "./tool.ts";

/** Said beside an answer that is empty because the folder is new. */
const NOTHING_STORED =
  "Nothing is stored for this folder yet. Record with create_plan or record_event; `aiknowsys index` reads the folder's markdown files.";

/** Who calls, and how a call is ended early. */
export interface Caller {
  readonly client: string | undefined;
  readonly signal: AbortSignal;
}

/** One call from arguments to answer; whatever goes wrong is an answer too. */
export async function answerCall(
  options: ServerOptions,
  tool: Tool,
  given: unknown,
  caller: Caller,
): Promise<CallToolResult> {
  const startedAt = performance.now();
  let context: ToolContext | undefined;
  const tell = (outcome: FinishedCall["outcome"], rows: number): void =>
    options.onCall?.({
      tool: tool.name,
      project: context?.scope.project?.id,
      outcome,
      durationMs: performance.now() - startedAt,
      rows,
    });
  try {
    const args = checkArguments(tool, given);
    const maxTokens = budgetOf(args);
    context = await contextOf(options, tool, args, { ...caller, maxTokens });
    const answer = await tool.run(context, args);
    if (tool.name === "semantic_search") options.onSearch?.();
    const isNew = !tool.writes && tool.worksAnywhere !== true && context.scope.projects.length === 0;
    const result = answerResult(isNew ? { ...answer, advice: NOTHING_STORED } : answer, maxTokens);
    tell("ok", rowsIn(answer));
    return result;
  } catch (thrown) {
    tell(asKnowledgeError(thrown).code, 0);
    return errorResult(thrown, options.log, options.distant !== undefined);
  }
}

/** Rows of a page, or the one row that was read or written. */
function rowsIn(answer: object): number {
  const lists = Object.values(answer).filter((value): value is readonly unknown[] => Array.isArray(value));
  if ("id" in answer) return 1;
  return lists.reduce((sum, list) => sum + list.length, 0);
}

/** The one that is meant when a team has one only. @throws KnowledgeError `invalid_input` */
async function onlyProject(deps: Deps, isDistant: boolean): Promise<string> {
  const { listStanding } = await import("../lib/knowledge/merged-projects.ts");
  const all = await listStanding(deps);
  const [only, ...others] = all;
  if (isDistant && only !== undefined && others.length === 0) return only.id;
  throw whichProject(all, isDistant);
}

/** Asked where the server was started in no project's folder, as desktop clients do (RULES 8). */
function whichProject(all: readonly Project[], isDistant: boolean): KnowledgeError {
  const command = isDistant ? "index --remote" : "init";
  return new KnowledgeError(
    "invalid_input",
    "No project is named, and this server stands in no project's folder.",
    {
      field: "project",
      valid: all.map(({ ref, name }) => `${name} (${ref})`),
      hint:
        all.length === 0
          ? `No project is known yet: tell the user to run \`aiknowsys ${command}\` in its folder.`
          : "Name the project with the argument project, by name or ref.",
    },
  );
}

async function contextOf(
  options: ServerOptions,
  tool: Tool,
  args: ToolArguments,
  call: Pick<ToolContext, "maxTokens" | "signal" | "client">,
): Promise<ToolContext> {
  const { cwd, userHome, project: configured, allProjects } = options.config();
  const opened = await options.opener.open();
  const { findScope, ownScope, requireProject } = await import("../lib/knowledge/project.ts");
  const { readProjectIdentity } = await import("../lib/knowledge/project-identity.ts");
  const named = typeof args.project === "string" ? args.project : configured;
  const deps = { ...opened.deps, log: options.log, actor: options.actor ?? call.client ?? opened.deps.actor };
  let place = { cwd, userHome, project: named, allProjects };
  let scope = await findScope(deps, place);
  const isNowhere = scope.projects.length === 0 && readProjectIdentity(cwd, userHome) === undefined;
  if (isNowhere && tool.worksAnywhere !== true) {
    place = { ...place, project: await onlyProject(deps, options.distant !== undefined) };
    scope = await findScope(deps, place);
  }
  return {
    ...call,
    deps,
    distant: options.distant,
    retryKey: options.retryKey,
    cwd,
    scope: tool.writes ? ownScope(scope) : scope,
    project: () => requireProject(deps, scope, place),
  };
}
