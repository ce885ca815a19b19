import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { SAFE_HEADERS } from "./refusal.ts";

/** Headers that are ours alone: who serves has no use for a credential. */
const KEPT_BACK: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/** The request without body and credentials, as the protocol's library takes it. */
export function asWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || KEPT_BACK.has(name) || name.startsWith(":")) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return new Request("http://localhost/mcp", { method: request.method ?? "POST", headers, signal });
}

/** Sends an answer as it comes. @throws when the client goes away meanwhile */
export async function sendWebAnswer(response: ServerResponse, answer: Response): Promise<void> {
  for (const [name, value] of Object.entries({ ...Object.fromEntries(answer.headers), ...SAFE_HEADERS }))
    response.setHeader(name, value);
  if (answer.body === null) {
    response.writeHead(answer.status);
    response.end();
    return;
  }
  if (answer.headers.get("content-type")?.startsWith("application/json") === true) {
    // Whole already: head and body go out in one piece.
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { "content-length": body.length });
    response.end(body);
    return;
  }
  response.writeHead(answer.status);
  response.flushHeaders();
  // SAFETY: the same class; the types of the web and of Node know it by two names.
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
}
