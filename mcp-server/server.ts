import { McpServer } from "@modelcontextprotocol/server";
import type { Config } from "../lib/config.ts";
import { KnowledgeError } from "../lib/domain/error.ts";
import type { Logger } from "../lib/knowledge/deps.ts";
import { budgetOf, checkArguments } from "./arguments.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { literalSchema } from "./json-schema.ts";
import type { Opener } from "./opener.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { answerResult, errorResult } from "./result.ts";
import type { Tool, ToolArguments, ToolContext } from "./tool.ts";
import { type Profile, toolsOf } from "./tools.ts";

export interface ServerOptions {
  readonly version: string;
  readonly profile: Profile;
  readonly config: () => Config;
  readonly opener: Opener;
  readonly log: Logger;
  /** Called after each search, when there may be vectors to catch up. */
  readonly onSearch?: () => void;
}

/** Schemas are built once: a factory may run for every request. */
const SCHEMAS = new Map(
  toolsOf("full").map((tool) => [
    tool.name,
    {
      input: literalSchema({
        type: "object",
        properties: tool.properties,
        ...(tool.required.length > 0 && { required: tool.required }),
      }),
      output: literalSchema(tool.output),
    },
  ]),
);

/** A server with the profile's tools, resources and prompts; it serves every protocol revision. */
export function buildServer(options: ServerOptions): McpServer {
  const server = new McpServer(
    { name: "aiknowsys", title: "AIKnowSys", version: options.version },
    { instructions: INSTRUCTIONS },
  );
  for (const tool of toolsOf(options.profile)) registerTool(server, tool, options);
  registerResources(server, options);
  registerPrompts(server);
  return server;
}

function registerTool(server: McpServer, tool: Tool, options: ServerOptions): void {
  const schemas = SCHEMAS.get(tool.name);
  if (schemas === undefined) throw new KnowledgeError("internal", `The tool ${tool.name} has no schema.`);
  const { title, description, writes, destructive, idempotent } = tool;
  const annotations = {
    readOnlyHint: !writes,
    destructiveHint: destructive,
    idempotentHint: idempotent,
    openWorldHint: false,
  };
  server.registerTool(
    tool.name,
    { title, description, inputSchema: schemas.input, outputSchema: schemas.output, annotations },
    async (given, call) => {
      try {
        const args = checkArguments(tool, given);
        const maxTokens = budgetOf(args);
        const context = await contextOf(options, args, {
          maxTokens,
          signal: call.mcpReq.signal,
          client: server.server.getClientVersion()?.name,
        });
        const answer = await tool.run(context, args);
        if (tool.name === "semantic_search") options.onSearch?.();
        return answerResult(answer, maxTokens);
      } catch (thrown) {
        return errorResult(thrown, options.log);
      }
    },
  );
}

async function contextOf(
  options: ServerOptions,
  args: ToolArguments,
  call: Pick<ToolContext, "maxTokens" | "signal" | "client">,
): Promise<ToolContext> {
  const { deps } = await options.opener.open();
  const { findScope, requireProject } = await import("../lib/knowledge/project.ts");
  const { cwd, userHome, project: configured } = options.config();
  const named = typeof args.project === "string" ? args.project : configured;
  const place = { cwd, userHome, project: named };
  const scope = await findScope(deps, place);
  const owned = call.client === undefined ? deps : { ...deps, actor: call.client };
  return { ...call, deps: owned, scope, project: () => requireProject(owned, scope, place) };
}
