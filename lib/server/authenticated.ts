import type { IncomingMessage } from "node:http";
import { asKnowledgeError } from "../domain/error.ts";
import { type Caller, NotAuthenticated } from "./caller.ts";
import type { HttpParts } from "./http-parts.ts";
import type { Refusal } from "./refusal.ts";
import type { Checked } from "./stranger-limit.ts";

type CheckParts = Pick<HttpParts, "authenticator" | "strangers" | "log">;

/**
 * Who calls, or why not: 401 asks for a (better) credential, 403 refuses one, 429 comes before too many are checked, 503
 * where one could not be.
 */
export async function authenticated(
  parts: CheckParts,
  request: IncomingMessage,
): Promise<{ readonly caller: Caller } | Refusal> {
  // Asking without one costs nothing, and is how clients learn where tokens come from.
  if (request.headers.authorization === undefined) return (await check(parts, request)).answer;
  const attempt = parts.strangers.begin(request);
  if ("waitSeconds" in attempt) return tooManyFailed(attempt.waitSeconds);
  let found: Checked = "not checked";
  try {
    const checked = await check(parts, request);
    found = checked.found;
    return checked.answer;
  } finally {
    attempt.end(found);
  }
}

function tooManyFailed(seconds: number): Refusal {
  return {
    status: 429,
    code: "rate_limited",
    message: "Too many tokens that do not count came from this address.",
    hint: `Wait ${seconds} s, then send a token that counts.`,
    headers: { "retry-after": String(seconds) },
  };
}

interface Checking {
  readonly found: Checked;
  readonly answer: { readonly caller: Caller } | Refusal;
}

async function check({ authenticator, log }: CheckParts, request: IncomingMessage): Promise<Checking> {
  const { authorization } = request.headers;
  try {
    return { found: "counts", answer: { caller: await authenticator.authenticate(authorization) } };
  } catch (thrown) {
    const { code, message, hint, cause } = asKnowledgeError(thrown);
    if (thrown instanceof NotAuthenticated) {
      const challenge = authorization === undefined ? "Bearer" : 'Bearer error="invalid_token"';
      const headers = { "www-authenticate": challenge };
      return { found: "does not count", answer: { status: 401, code, message, hint, headers } };
    }
    const found = "not checked";
    if (code === "forbidden") return { found, answer: { status: 403, code, message, hint } };
    log.warn("A credential could not be checked.", { code, cause: String(cause ?? message) });
    if (code === "internal") return { found, answer: { status: 500, code, message } };
    const later = { code: "unavailable", message: "The token cannot be checked now." } as const;
    return { found, answer: { status: 503, ...later, headers: { "retry-after": "1" } } };
  }
}
