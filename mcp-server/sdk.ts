/** All that this door uses of the MCP SDK, in one place, so that the build can flatten it into one file that loads quickly. */
export type {
  CallToolResult,
  JSONRPCMessage,
  ListResourcesResult,
  McpServerOptions,
  ServerContext,
  StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
// biome-ignore lint/performance/noBarrelFile: what is not named here need not be loaded once the build has flattened it.
export {
  McpServer,
  ProtocolError,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
export { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
export { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
