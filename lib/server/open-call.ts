import type { IncomingMessage } from "node:http";
import { authenticated } from "./authenticated.ts";
import type { Caller } from "./caller.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { checkLength, readBody } from "./read-body.ts";
import { readJson } from "./read-json.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Lets a known caller do work at an address that takes JSON, or says why not. What costs least is checked first; nothing
 * is read of strangers.
 */
export async function withCaller(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  work: (caller: Caller) => Promise<Refusal | undefined>,
): Promise<Refusal | undefined> {
  const plain = checkHead(parts, request) ?? parts.inFlight.refusal();
  if (plain !== undefined) return plain;
  parts.inFlight.enter();
  try {
    const known = await authenticated(parts, request);
    if ("status" in known) return known;
    const { caller } = known;
    exchange.tokenId = caller.tokenId;
    const refused = limited(parts, caller, 1) ?? parts.callsOf.take(caller);
    if (refused !== undefined) return refused;
    try {
      return await work(caller);
    } finally {
      parts.callsOf.give(caller);
    }
  } finally {
    parts.inFlight.leave();
  }
}

/** The request's body as JSON, or why not. @throws the stream's error when the client goes away. */
export async function readMessage(
  { mostBodyBytes }: HttpParts,
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | Refusal> {
  const body = await readBody(request, mostBodyBytes);
  return "status" in body ? body : readJson(body.text);
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

/** Counts requests of a caller; a refusal when there were too many. */
export function limited(
  { rateLimit }: HttpParts,
  { tenant, tokenId }: Caller,
  count: number,
): Refusal | undefined {
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
