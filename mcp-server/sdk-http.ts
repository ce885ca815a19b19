/** What this door uses of the MCP SDK over HTTP alone: the way over stdio, which has to begin quickly, does without. */
// biome-ignore lint/performance/noBarrelFile: the SDK is named in two places only.
export { createMcpHandler, type McpRequestContext } from "@modelcontextprotocol/server";
