import type { McpServer, ServerContext } from "./sdk.ts";

/** Where the stateless revision puts the client's identity in each request. */
const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";

/** What the client calls itself: in the handshake (2025 and older) or in the request itself (2026-07-28). */
export function clientNameOf(server: McpServer, call: ServerContext): string | undefined {
  const handshake = server.server.getClientVersion()?.name;
  if (handshake !== undefined) return handshake;
  const envelope: unknown = call.mcpReq.envelope;
  const meta: unknown = call.mcpReq._meta;
  return nameIn(envelope) ?? nameIn(meta);
}

function nameIn(holder: unknown): string | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  const info: unknown = new Map(Object.entries(holder)).get(CLIENT_INFO);
  if (typeof info !== "object" || info === null || !("name" in info)) return undefined;
  return typeof info.name === "string" ? info.name : undefined;
}
