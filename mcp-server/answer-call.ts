import { KnowledgeError } from "../lib/domain/error.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { budgetOf, checkArguments } from "./arguments.ts";
import { answerResult, errorResult } from "./result.ts";
import type { CallToolResult } from "./sdk.ts";
import type { ServerOptions } from "./server-options.ts";
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
  try {
    const args = checkArguments(tool, given);
    const maxTokens = budgetOf(args);
    const context = await contextOf(options, tool, args, { ...caller, maxTokens });
    const answer = await tool.run(context, args);
    if (tool.name === "semantic_search") options.onSearch?.();
    const isNew = !tool.writes && tool.worksAnywhere !== true && context.scope.projects.length === 0;
    return answerResult(isNew ? { ...answer, advice: NOTHING_STORED } : answer, maxTokens);
  } catch (thrown) {
    return errorResult(thrown, options.log);
  }
}

/** Asked where the server was started in no project's folder, as desktop clients do (RULES 8). */
async function whichProject(deps: Deps): Promise<KnowledgeError> {
  const all = await deps.storage.projects.list();
  return new KnowledgeError("invalid_input", "This server was not started in a project's folder.", {
    field: "project",
    valid: all.map(({ ref, name }) => `${name} (${ref})`),
    hint:
      all.length === 0
        ? "No project is known yet: tell the user to run `aiknowsys init` in its folder."
        : "Name the project with the argument project, by name or ref.",
  });
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
  const place = { cwd, userHome, project: named, allProjects };
  const deps = { ...opened.deps, log: options.log, actor: call.client ?? opened.deps.actor };
  const scope = await findScope(deps, place);
  const isNowhere = scope.projects.length === 0 && readProjectIdentity(cwd, userHome) === undefined;
  if (isNowhere && tool.worksAnywhere !== true) throw await whichProject(deps);
  return {
    ...call,
    deps,
    cwd,
    scope: tool.writes ? ownScope(scope) : scope,
    project: () => requireProject(deps, scope, place),
  };
}
