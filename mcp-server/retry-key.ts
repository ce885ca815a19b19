import type { Caller } from "../lib/server/caller.ts";
import type { Refusal } from "../lib/server/refusal.ts";

/** Visible ASCII, as headers are; longer than any UUID or hash that clients make. */
const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * What tells a call that is sent again from a new one: the header Idempotency-Key, which counts for one token and one
 * call. Undefined where none is given.
 */
export function retryKeyOf(
  caller: Pick<Caller, "tokenId">,
  given: string | null,
  message: unknown,
): { readonly key: string | undefined } | Refusal {
  if (given === null) return { key: undefined };
  if (!KEY.test(given))
    return malformed(
      "The header Idempotency-Key must be 1 to 200 visible ASCII characters.",
      "Send a new random UUID for each call, and the same one when that call is sent again.",
    );
  if (Array.isArray(message))
    return malformed(
      "The header Idempotency-Key is for one call, and this is a batch.",
      "Send each call in a request of its own.",
    );
  return { key: `${caller.tokenId} ${given}` };
}

function malformed(message: string, hint: string): Refusal {
  return { status: 400, code: "invalid_input", message, hint };
}
