import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "./caller.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { orAborted, tooLate } from "./in-time.ts";
import { limited, readMessage, withCaller } from "./open-call.ts";
import type { Refusal } from "./refusal.ts";
import { asWebRequest, sendWebAnswer } from "./web-answer.ts";

/** Messages of one batch, which revisions before 2025-06-18 allow. */
const MOST_MESSAGES = 20;

/** Serves one request to /mcp, or says why not. */
export function answerMcp(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | undefined> {
  return withCaller(parts, exchange, request, (caller) =>
    answerCaller(parts, exchange, caller, { request, response }),
  );
}

async function answerCaller(
  parts: HttpParts,
  exchange: Exchange,
  caller: Caller,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<Refusal | undefined> {
  const json = await readMessage(parts, request);
  if ("status" in json) return json;
  const { value: message } = json;
  const refused = checkBatch(parts, caller, message);
  if (refused !== undefined) return refused;
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, exchange.gone]);
  const isStream = isListening(message);
  if (isStream) {
    exchange.onStream(() => ending.abort());
    parts.inFlight.leave();
  }
  const timer = isStream ? undefined : setTimeout(() => ending.abort(), parts.callTimeoutMs);
  try {
    const answer = await orAborted(
      parts.mcp({ caller, message, request: asWebRequest(request, signal) }),
      signal,
    );
    if (answer === undefined) return exchange.gone.aborted ? undefined : tooLate(parts.callTimeoutMs);
    if (!(answer instanceof Response)) return answer;
    // What is still being sent when time is up is cut off: its end could not be told from a whole answer.
    signal.addEventListener("abort", () => response.destroy(), { once: true });
    await sendWebAnswer(response, answer);
    return undefined;
  } finally {
    clearTimeout(timer);
    if (isStream) parts.inFlight.enter();
  }
}

function checkBatch(parts: HttpParts, caller: Caller, message: unknown): Refusal | undefined {
  if (!Array.isArray(message) || message.length < 2) return undefined;
  if (message.length <= MOST_MESSAGES) return limited(parts, caller, message.length - 1);
  return {
    status: 400,
    code: "invalid_input",
    message: `A batch holds at most ${MOST_MESSAGES} messages.`,
    hint: "Send one message a request.",
  };
}

/** A subscription stays open until one side ends it. */
function isListening(message: unknown): boolean {
  return (
    typeof message === "object" &&
    message !== null &&
    "method" in message &&
    message.method === "subscriptions/listen"
  );
}
