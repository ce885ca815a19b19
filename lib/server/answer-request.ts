import type { IncomingMessage, ServerResponse } from "node:http";
import { includesScope } from "../domain/token.ts";
import { answerDocuments } from "./answer-documents.ts";
import { answerMcp } from "./answer-mcp.ts";
import { authenticated } from "./authenticated.ts";
import { answerPreflight, openToOrigin } from "./cross-origin.ts";
import { checkHost, checkOrigin, findDoubledHeader, pathOf } from "./guards.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { type Refusal, SAFE_HEADERS } from "./refusal.ts";
import { METADATA_PATHS, resourceMetadata } from "./resource-metadata.ts";
import { sendJson } from "./send-json.ts";

/** Headers by which a proxy tells that a request came from elsewhere. */
const FORWARDED =
  /^(forwarded|via|x-forwarded.*|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.*|true-client-ip|cdn-loop|cf-.*)$/;

/** Answers a request, or gives the refusal that it is to be answered with. */
export async function answerRequest(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | undefined> {
  const target = pathOf(request);
  if ("status" in target) return target;
  const { path } = target;
  // Probes of load balancers call by names and addresses of their own.
  if (path === "/healthz") return readOnly(request) ?? sendJson(response, 200, { ok: true });
  if (path === "/readyz") return readOnly(request) ?? answerReadiness(parts, exchange, request, response);
  const refused =
    findDoubledHeader(request) ?? checkHost(request, parts.settings) ?? checkOrigin(request, parts.settings);
  if (refused !== undefined) return refused;
  if (path === "/mcp") {
    openToOrigin(request, response);
    if (request.method === "OPTIONS") return answerPreflight(request, response);
    return answerMcp(parts, exchange, request, response);
  }
  if (path === "/documents") return answerDocuments(parts, exchange, request, response);
  if (path === "/metrics") return readOnly(request) ?? answerMetrics(parts, exchange, request, response);
  if (METADATA_PATHS.includes(path)) return answerMetadata(parts, request, response);
  return nothingHere();
}

function nothingHere(): Refusal {
  const message = "There is nothing at this address.";
  return { status: 404, code: "not_found", message, hint: "The protocol is served at /mcp." };
}

/** Where tokens come from; without a provider nobody asks that here. */
function answerMetadata(
  { provider }: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
): Refusal | undefined {
  if (provider === undefined) return nothingHere();
  openToOrigin(request, response);
  return readOnly(request) ?? sendJson(response, 200, resourceMetadata(provider, request));
}

/** Ready or not for everybody; why not, for those who may look. */
async function answerReadiness(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<undefined> {
  const found = await parts.look(exchange.isDraining());
  const isShown =
    checkHost(request, parts.settings) === undefined && !("status" in (await mayLook(parts, request)));
  return sendJson(response, found.ready ? 200 : 503, isShown ? found : { ready: found.ready });
}

async function answerMetrics(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | undefined> {
  const allowed = await mayLook(parts, request);
  if ("status" in allowed) return allowed;
  exchange.tokenId = allowed.tokenId;
  const text = parts.metrics.render(await parts.readings());
  response.writeHead(200, { ...SAFE_HEADERS, "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  response.end(text);
  return undefined;
}

/** Figures of the whole server: for its own machine, and for tokens that may administer. */
async function mayLook(
  parts: HttpParts,
  request: IncomingMessage,
): Promise<{ readonly tokenId: string | undefined } | Refusal> {
  const isForwarded = Object.keys(request.headers).some((name) => FORWARDED.test(name));
  if (parts.settings.isLoopback && !isForwarded) return { tokenId: undefined };
  const known = await authenticated(parts, request);
  if ("status" in known) return known;
  if (includesScope(known.caller.scopes, "admin")) return { tokenId: known.caller.tokenId };
  return {
    status: 403,
    code: "forbidden",
    message: "This token may not see figures of the whole server.",
    hint: "Use a token with the scope admin.",
    headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="admin"' },
  };
}

function readOnly(request: IncomingMessage): Refusal | undefined {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const message = "This address is only read.";
  return { status: 405, code: "invalid_input", message, hint: "Use GET.", headers: { allow: "GET, HEAD" } };
}
