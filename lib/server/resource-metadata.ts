import type { IncomingMessage } from "node:http";
import type { ProviderSettings } from "../credential-settings.ts";

/** Where RFC 9728 (3.1) has clients look: at the host's root, and with the protocol's own path behind it. */
const ROOT = "/.well-known/oauth-protected-resource";
const AT_MCP = `${ROOT}/mcp`;
export const METADATA_PATHS: readonly string[] = [ROOT, AT_MCP];

/** What the protected resource says of itself (RFC 9728, 2): whose tokens count, and how they are shown. */
export function resourceMetadata(provider: ProviderSettings, request: IncomingMessage): object {
  const { issuer, audience, claims } = provider;
  return {
    resource: isAddress(audience) ? audience : `${publicAddress(provider, request)}/mcp`,
    resource_name: "AIKnowSys",
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    // Clients ask the provider for these. Rights that stand in another claim are no scopes, and nobody is to ask for admin.
    ...(claims.scope === "scope" && { scopes_supported: ["read", "write"] }),
  };
}

/** A challenge that tells, too, where the metadata is (RFC 9728, 5.1). */
export function withMetadata(
  challenge: string,
  provider: ProviderSettings,
  request: IncomingMessage,
): string {
  const parameter = `resource_metadata="${publicAddress(provider, request)}${AT_MCP}"`;
  return challenge.includes("=") ? `${challenge}, ${parameter}` : `${challenge} ${parameter}`;
}

/** By which clients call: what the audience says when it is this server's address, else the Host, a listed one. */
function publicAddress({ audience }: ProviderSettings, { headers }: IncomingMessage): string {
  if (isAddress(audience)) {
    const { origin, pathname } = new URL(audience);
    if (pathname === "/" || pathname === "/mcp") return origin;
  }
  const host = (headers.host ?? "").toLowerCase();
  const isHere = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
  return `${isHere ? "http" : "https"}://${host}`;
}

function isAddress(audience: string): boolean {
  return /^https?:\/\//i.test(audience) && URL.canParse(audience);
}
