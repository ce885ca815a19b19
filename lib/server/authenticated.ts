import type { IncomingMessage } from "node:http";
import { asKnowledgeError } from "../domain/error.ts";
import type { Logger } from "../knowledge/deps.ts";
import { type Authenticator, type Caller, NotAuthenticated } from "./caller.ts";
import type { Refusal } from "./refusal.ts";

/** Who calls, or why not: 401 asks for a (better) credential, 403 refuses one, 503 could not check it. */
export async function authenticated(
  request: IncomingMessage,
  authenticator: Authenticator,
  log: Logger,
): Promise<{ readonly caller: Caller } | Refusal> {
  const { authorization } = request.headers;
  try {
    return { caller: await authenticator.authenticate(authorization) };
  } catch (thrown) {
    const { code, message, hint, cause } = asKnowledgeError(thrown);
    if (thrown instanceof NotAuthenticated) {
      const challenge = authorization === undefined ? "Bearer" : 'Bearer error="invalid_token"';
      return { status: 401, code, message, hint, headers: { "www-authenticate": challenge } };
    }
    if (code === "forbidden") return { status: 403, code, message, hint };
    log.warn("A credential could not be checked.", { code, cause: String(cause ?? message) });
    if (code === "internal") return { status: 500, code, message };
    const headers = { "retry-after": "1" };
    return { status: 503, code: "unavailable", message: "The token cannot be checked now.", headers };
  }
}
