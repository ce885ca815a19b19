import { KnowledgeError } from "../lib/domain/error.ts";
import { clientNameOf } from "./client-name.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { literalSchema } from "./json-schema.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { CfWorkerJsonSchemaValidator, McpServer, type McpServerOptions } from "./sdk.ts";
import type { ServerOptions } from "./server-options.ts";
import type { Tool } from "./tool.ts";
import { toolsOf } from "./tools.ts";

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

/** The lists never change while a server runs. */
const FIXED = { listChanged: false };

/**
 * A server with the caller's tools, resources and prompts; it serves every protocol revision.
 * @param more settings of the SDK's that tests of conformance need
 */
export function buildServer(options: ServerOptions, more: McpServerOptions = {}): McpServer {
  const server = new McpServer(
    { name: "aiknowsys", title: "AIKnowSys", version: options.version },
    {
      instructions: INSTRUCTIONS,
      capabilities: { tools: FIXED, resources: FIXED, prompts: FIXED },
      // The default one takes longer to load than all else together.
      jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
      ...more,
    },
  );
  for (const tool of options.tools) registerTool(server, tool, options);
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
      const { answerCall } = await import("./answer-call.ts");
      return answerCall(options, tool, given, {
        client: clientNameOf(server, call),
        signal: call.mcpReq.signal,
      });
    },
  );
}
