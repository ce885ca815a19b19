import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticated } from "./authenticated.ts";
import type { Caller } from "./caller.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { checkLength, readBody } from "./read-body.ts";
import { readJson } from "./read-json.ts";
import type { Refusal } from "./refusal.ts";
import { asWebRequest, sendWebAnswer } from "./web-answer.ts";

/** Messages of one batch, which revisions before 2025-06-18 allow. */
const MOST_MESSAGES = 20;

/** Serves one request to /mcp, or says why not. What costs least is checked first; nothing is read of strangers. */
export async function answerMcp(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | undefined> {
  const plain = checkHead(parts, request) ?? parts.inFlight.refusal();
  if (plain !== undefined) return plain;
  parts.inFlight.enter();
  try {
    const known = await authenticated(request, parts.authenticator, parts.log);
    if ("status" in known) return known;
    const { caller } = known;
    exchange.tokenId = caller.tokenId;
    return limited(parts, caller, 1) ?? (await answerCaller(parts, exchange, caller, { request, response }));
  } finally {
    parts.inFlight.leave();
  }
}

function checkHead({ mostBodyBytes }: HttpParts, request: IncomingMessage): Refusal | undefined {
  if (request.method !== "POST") {
    const message = "This address takes POST only.";
    const hint = "The protocol is served without sessions: there is nothing to GET or DELETE.";
    return { status: 405, code: "invalid_input", message, hint, headers: { allow: "POST" } };
  }
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0] ?? "";
  if (type.trim().toLowerCase() !== "application/json") {
    const message = "The body must be JSON.";
    return { status: 415, code: "invalid_input", message, hint: "Send Content-Type: application/json." };
  }
  if (request.headers["content-encoding"] !== undefined) {
    const message = "The body must not be compressed.";
    return { status: 415, code: "invalid_input", message, hint: "Leave Content-Encoding out." };
  }
  return checkLength(request, mostBodyBytes);
}

function limited({ rateLimit }: HttpParts, { tenant, tokenId }: Caller, count: number): Refusal | undefined {
  const seconds = rateLimit.take(`${tenant}:${tokenId}`, count);
  if (seconds === undefined) return undefined;
  return {
    status: 429,
    code: "rate_limited",
    message: "This token has asked too often.",
    hint: `Wait ${seconds} s.`,
    headers: { "retry-after": String(seconds) },
  };
}

async function answerCaller(
  parts: HttpParts,
  exchange: Exchange,
  caller: Caller,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<Refusal | undefined> {
  const body = await readBody(request, parts.mostBodyBytes);
  if ("status" in body) return body;
  const json = readJson(body.text);
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

async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
    // Its answer comes too late for anybody.
    work.catch(() => undefined);
  }
}

function tooLate(timeoutMs: number): Refusal {
  return {
    status: 504,
    code: "unavailable",
    message: `The call was not answered within ${timeoutMs / 1_000} s.`,
    hint: "Ask for less at once, or try again in a moment.",
  };
}
