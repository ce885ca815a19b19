import type { IncomingMessage, ServerResponse } from "node:http";
import { type Refusal, SAFE_HEADERS } from "./refusal.ts";

/** Headers that a page may send; every one that clients of the protocol need. */
const REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "x-mcp-toolset",
];
/** Headers of answers that a page may read beside those that it always may. */
const ANSWER_HEADERS = ["retry-after", "www-authenticate"];
/** For how long a browser need not ask again. */
const KEPT_SECONDS = 600;

/** Lets the page that asks read the answer, refusals too. Its Origin is a listed one: that was checked before. */
export function openToOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("vary", "Origin");
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", ANSWER_HEADERS.join(", "));
}

/**
 * Answers the question that a browser asks before a page's call (Fetch standard, CORS preflight). Credentials of the
 * browser's own, such as cookies, are not allowed: a token goes into the header Authorization.
 */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
  const refused = findRefusal(request);
  if (refused !== undefined) return refused;
  response.writeHead(204, {
    ...SAFE_HEADERS,
    vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": REQUEST_HEADERS.join(", "),
    "access-control-max-age": String(KEPT_SECONDS),
  });
  response.end();
  return undefined;
}

function findRefusal({ headers }: IncomingMessage): Refusal | undefined {
  if (headers.origin === undefined)
    return forbidden("OPTIONS is answered to web pages only.", "Call /mcp with POST.");
  if (headers["access-control-request-method"] !== "POST")
    return forbidden("A page may call this address with POST only.", "Call /mcp with POST.");
  const asked = headers["access-control-request-headers"] ?? "";
  const names = asked.split(",").map((name) => name.trim().toLowerCase());
  if (names.every((name) => name === "" || REQUEST_HEADERS.includes(name))) return undefined;
  return forbidden(
    "A page may not send one of the headers that it asks for.",
    `It may send ${REQUEST_HEADERS.join(", ")}.`,
  );
}

function forbidden(message: string, hint: string): Refusal {
  return { status: 403, code: "forbidden", message, hint };
}
