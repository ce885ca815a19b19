import type { ServerResponse } from "node:http";
import type { ErrorCode } from "../domain/error.ts";

/** Why a request is not served, with the status that it gets. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 421 | 429 | 500 | 503 | 504;
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do next. */
  readonly hint?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** JSON-RPC's first code for errors of a server's own. */
const SERVER_ERROR = -32_000;

/** Sent with everything: nothing here is to be kept by caches or guessed at by browsers. */
export const SAFE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

/**
 * Answers with a refusal. At the protocol's own path the body is a JSON-RPC error without id, elsewhere the error
 * document of all doors. The connection is closed where the request's body was not read.
 */
export function sendRefusal(
  response: ServerResponse,
  refusal: Refusal,
  form: { readonly isRpc: boolean; readonly closes: boolean },
): void {
  const { status, code, message, hint, headers } = refusal;
  const error = { code, message, ...(hint !== undefined && { hint }) };
  const body = JSON.stringify(
    form.isRpc
      ? { jsonrpc: "2.0", id: null, error: { code: SERVER_ERROR, message, data: error } }
      : { error },
  );
  response.writeHead(status, {
    ...SAFE_HEADERS,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(form.closes && { connection: "close" }),
    ...headers,
  });
  response.end(body);
}
