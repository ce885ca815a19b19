import type { IncomingMessage, ServerResponse } from "node:http";
import { type ExchangeRequest, exchangeSchema } from "../domain/document-exchange.ts";
import { asKnowledgeError, type ErrorCode } from "../domain/error.ts";
import { includesScope } from "../domain/token.ts";
import type { Caller } from "./caller.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { orAborted, tooLate } from "./in-time.ts";
import { readMessage, withCaller } from "./open-call.ts";
import type { Refusal } from "./refusal.ts";
import { sendJson } from "./send-json.ts";

/** Takes one step of an index run on another machine (`index --remote`), or says why not. */
export function answerDocuments(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | undefined> {
  return withCaller(parts, exchange, request, async (caller) => {
    if (!includesScope(caller.scopes, "write")) return READING;
    const json = await readMessage(parts, request);
    if ("status" in json) return json;
    const step = parseStep(json.value);
    return "status" in step ? step : take(parts, exchange, { caller, step, response });
  });
}

const READING: Refusal = {
  status: 403,
  code: "forbidden",
  message: "This token may read, but documents are written here.",
  hint: "Ask for a token with the scope write.",
  headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="write"' },
};

function parseStep(value: unknown): ExchangeRequest | Refusal {
  const { data, error } = exchangeSchema.safeParse(value);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "It" : issue.path.join(".").slice(0, 100);
  return {
    status: 400,
    code: "invalid_input",
    message: `This is no step of sending documents. ${where}: ${issue?.message ?? "not understood"}.`,
    hint: "Send documents with `aiknowsys index --remote`, of the version that the server has.",
  };
}

interface Taking {
  readonly caller: Caller;
  readonly step: ExchangeRequest;
  readonly response: ServerResponse;
}

async function take(
  parts: HttpParts,
  exchange: Exchange,
  { caller, step, response }: Taking,
): Promise<Refusal | undefined> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), parts.callTimeoutMs);
  try {
    const signal = AbortSignal.any([ending.signal, exchange.gone]);
    const answer = await orAborted(parts.documents(caller, step), signal);
    if (answer !== undefined) return sendJson(response, 200, answer);
    return exchange.gone.aborted ? undefined : tooLate(parts.callTimeoutMs);
  } catch (thrown) {
    return refusalOf(thrown, parts);
  } finally {
    clearTimeout(timer);
  }
}

const STATUS: Readonly<Record<ErrorCode, Refusal["status"]>> = {
  invalid_input: 400,
  unsupported: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  unavailable: 503,
  schema_mismatch: 503,
  corrupt: 500,
  internal: 500,
};

function refusalOf(thrown: unknown, { log }: HttpParts): Refusal {
  const { code, message, hint, cause } = asKnowledgeError(thrown);
  const status = STATUS[code];
  if (status >= 500) log.error("Documents could not be taken.", { code, cause: String(cause ?? message) });
  const headers = status === 503 ? { "retry-after": "1" } : undefined;
  // What ails the store is its owner's matter.
  return status === 500
    ? { status, code, message: "Internal error." }
    : { status, code, message, hint, headers };
}
