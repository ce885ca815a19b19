import { LIST, post, type RefusedRequest } from "./http-refusal-requests.ts";

/** Calls whose retry key could mean one thing to their sender and another to us. */
export const RETRIES: readonly RefusedRequest[] = [
  {
    why: "a retry key of two words",
    request: post({ headers: { "Idempotency-Key": "one two" } }),
    status: 400,
    says: /Idempotency-Key must be 1 to 200/,
  },
  {
    why: "a retry key that is too long",
    request: post({ headers: { "Idempotency-Key": "k".repeat(201) } }),
    status: 400,
    says: /Idempotency-Key must be 1 to 200/,
  },
  {
    why: "two retry keys",
    request: post({ headers: { "Idempotency-Key": ["one", "two"] } }),
    status: 400,
    says: /idempotency-key is given twice/,
  },
  {
    why: "a retry key for a batch",
    request: post({ headers: { "Idempotency-Key": "one" }, body: `[${LIST},${LIST}]` }),
    status: 400,
    says: /this is a batch/,
  },
];
