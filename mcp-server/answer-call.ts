import { budgetOf, checkArguments } from "./arguments.ts";
import { answerResult, errorResult } from "./result.ts";
import type { CallToolResult } from "./sdk.ts";
import type { ServerOptions } from "./server.ts";
import type { Tool, ToolArguments, ToolContext } from "./tool.ts";

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
    const context = await contextOf(options, args, { ...caller, maxTokens });
    const answer = await tool.run(context, args);
    if (tool.name === "semantic_search") options.onSearch?.();
    return answerResult(answer, maxTokens);
  } catch (thrown) {
    return errorResult(thrown, options.log);
  }
}

async function contextOf(
  options: ServerOptions,
  args: ToolArguments,
  call: Pick<ToolContext, "maxTokens" | "signal" | "client">,
): Promise<ToolContext> {
  const { cwd, userHome, project: configured, allProjects } = options.config();
  const opened = await options.opener.open();
  const { findScope, requireProject } = await import("../lib/knowledge/project.ts");
  const named = typeof args.project === "string" ? args.project : configured;
  const place = { cwd, userHome, project: named, allProjects };
  const deps = { ...opened.deps, log: options.log, actor: call.client ?? opened.deps.actor };
  const scope = await findScope(deps, place);
  return { ...call, deps, cwd, scope, project: () => requireProject(deps, scope, place) };
}
