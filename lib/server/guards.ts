import type { IncomingMessage } from "node:http";
import type { ServerSettings } from "../server-settings.ts";
import type { Refusal } from "./refusal.ts";

/** Headers of which a second one could mean one thing to a proxy and another to us. */
const ONCE: ReadonlySet<string> = new Set([
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "content-length",
  "content-type",
  "host",
  "idempotency-key",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "origin",
  "transfer-encoding",
  "x-mcp-toolset",
]);

/** The request's path when it is written plainly; a refusal for everything that two programs could read differently. */
export function pathOf(request: IncomingMessage): { readonly path: string } | Refusal {
  const target = request.url ?? "";
  // Absolute and asterisk forms, backslashes, encoded or doubled slashes: nobody needs them here.
  if (!/^\/(?:[\w.~-]+(?:\/[\w.~-]+)*)?(?:\?[^#\s]*)?$/.test(target) || /(^|\/)\.\.?(\/|\?|$)/.test(target))
    return badRequest(
      "The address is not written plainly.",
      "Call /mcp, /documents, /healthz, /readyz or /metrics.",
    );
  const [path = "", query] = target.split("?", 2);
  if (query === undefined) return { path };
  return badRequest(
    "The address takes no query.",
    "Give the token in the header Authorization: Bearer, where logs do not keep it.",
  );
}

/** Two headers of one name where one is meant. */
export function findDoubledHeader(request: IncomingMessage): Refusal | undefined {
  const seen = new Set<string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? "").toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) return badRequest(`The header ${name} is given twice.`, "Give it once.");
    seen.add(name);
  }
  return undefined;
}

/** Only names that the owner has listed: a page that has its own name point here is told nothing (DNS rebinding). */
export function checkHost(request: IncomingMessage, settings: ServerSettings): Refusal | undefined {
  const host = (request.headers.host ?? "").toLowerCase();
  const name = /^(.*?)(?::\d{1,5})?$/.exec(host)?.[1] ?? "";
  if (settings.allowedHosts.includes(name)) return undefined;
  return {
    status: 403,
    code: "forbidden",
    message: "This server is not called by that Host name.",
    hint: "The owner lists its names in AIKNOWSYS_ALLOWED_HOSTS.",
  };
}

/** Programs send no Origin; of web pages only listed ones may call. */
export function checkOrigin(request: IncomingMessage, settings: ServerSettings): Refusal | undefined {
  const { origin } = request.headers;
  if (origin === undefined || isAllowed(origin.toLowerCase(), settings.allowedOrigins)) return undefined;
  return {
    status: 403,
    code: "forbidden",
    message: "Pages of that Origin may not call this server.",
    hint: "The owner lists origins in AIKNOWSYS_ALLOWED_ORIGINS.",
  };
}

function isAllowed(origin: string, allowed: readonly string[]): boolean {
  // What is no plain origin, `null` among it, is nobody's.
  if (!/^https?:\/\/[^/?#@\s]+$/.test(origin) || !URL.canParse(origin)) return false;
  const { hostname, origin: normal } = new URL(origin);
  return allowed.includes(normal) || allowed.includes(hostname);
}

function badRequest(message: string, hint: string): Refusal {
  return { status: 400, code: "invalid_input", message, hint };
}
