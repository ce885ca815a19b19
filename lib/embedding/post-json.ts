import { setTimeout as delay } from "node:timers/promises";
import { KnowledgeError } from "../domain/error.ts";

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
const QUOTED_CHARACTERS = 200;

/** Spends a pause of so many milliseconds, or throws the signal's reason. */
export type Wait = (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;

export interface JsonRequest {
  readonly url: URL;
  readonly body: unknown;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly wait?: Wait | undefined;
}

/** What one attempt came to: an answer, or a failure that may be worth another attempt after a pause. */
type Outcome =
  | { readonly kind: "answer"; readonly json: unknown }
  | {
      readonly kind: "failure";
      readonly error: KnowledgeError;
      readonly again: boolean;
      readonly pauseMs?: number;
    };

/**
 * Posts JSON and gives back the parsed answer. Tries up to four times where the service is unreachable, busy (429) or
 * broken (5xx), after 0.5, 1 and 2 seconds or as long as `Retry-After` says, at most 20 seconds.
 * Throws KnowledgeError `unavailable`, or the signal's reason. The key appears in no error.
 */
export async function postJson(request: JsonRequest): Promise<unknown> {
  const wait = request.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(request);
    if (outcome.kind === "answer") return outcome.json;
    if (!outcome.again || attempt === ATTEMPTS) throw outcome.error;
    await wait(outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1), request.signal);
  }
}

async function tryOnce(request: JsonRequest): Promise<Outcome> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(request.apiKey !== undefined && { authorization: `Bearer ${request.apiKey}` }),
      },
      body: JSON.stringify(request.body),
      signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]),
    });
    if (response.ok) return { kind: "answer", json: await response.json() };
    return await refusal(request, response);
  } catch (error) {
    request.signal?.throwIfAborted();
    const reason = timeout.aborted ? `did not answer within ${request.timeoutMs} ms` : failureReason(error);
    return failure(request, reason, { again: !timeout.aborted, cause: error });
  }
}

async function refusal(request: JsonRequest, response: Response): Promise<Outcome> {
  const { status } = response;
  const words = (await response.text()).replace(/\s+/g, " ").slice(0, QUOTED_CHARACTERS);
  const quoted = request.apiKey === undefined ? words : words.replaceAll(request.apiKey, "(key)");
  return failure(request, `answered ${status}: ${quoted === "" ? response.statusText : quoted}`, {
    again: status === 429 || status >= 500,
    pauseMs: pauseAskedFor(response),
    hint: hintFor(status),
  });
}

function failure(
  { url }: JsonRequest,
  reason: string,
  details: { again: boolean; pauseMs?: number | undefined; hint?: string; cause?: unknown },
): Outcome {
  const error = new KnowledgeError("unavailable", `The embedding service at ${url.host} ${reason}.`, {
    hint:
      details.hint ??
      "Check EMBEDDING_BASE_URL and that the service runs; search by words goes on without it.",
    cause: details.cause,
  });
  const { again, pauseMs } = details;
  return { kind: "failure", error, again, ...(pauseMs !== undefined && { pauseMs }) };
}

function failureReason(error: unknown): string {
  if (error instanceof SyntaxError) return "answered something else than JSON";
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return `could not be reached${code}`;
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "Check EMBEDDING_API_KEY.";
  if (status === 404) return "Check EMBEDDING_BASE_URL and EMBEDDING_MODEL.";
  if (status === 429) return "The service limits how often it is asked; try again later.";
  return "Check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS, or try again later.";
}

/** `Retry-After` in seconds; the form with a date is rare and falls back to our own pauses. */
function pauseAskedFor(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(seconds * 1000, LONGEST_PAUSE_MS);
}
