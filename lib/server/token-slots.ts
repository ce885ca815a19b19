import type { Caller } from "./caller.ts";
import type { Refusal } from "./refusal.ts";

/** A moment later some of its own calls will have been answered. */
const RETRY_SECONDS = 1;

/** How many calls each token has under way, so that none takes all there is from the others. */
export interface TokenSlots {
  /** Takes a slot for a call, or says why there is none. Whoever took one gives it back. */
  take(caller: Caller): Refusal | undefined;
  give(caller: Caller): void;
}

/** @param most slots of one token */
export function openTokenSlots(most: number): TokenSlots {
  const taken = new Map<string, number>();
  return {
    take: (caller) => {
      const key = keyOf(caller);
      const count = taken.get(key) ?? 0;
      if (count >= most) return full(most);
      taken.set(key, count + 1);
      return undefined;
    },
    give: (caller) => {
      const key = keyOf(caller);
      const count = taken.get(key) ?? 0;
      if (count > 1) taken.set(key, count - 1);
      else taken.delete(key);
    },
  };
}

function keyOf({ tenant, tokenId }: Caller): string {
  return `${tenant}:${tokenId}`;
}

function full(most: number): Refusal {
  return {
    status: 429,
    code: "rate_limited",
    message: `This token has ${most} calls under way already.`,
    hint: `Wait for their answers, or give each client a token of its own; try again in ${RETRY_SECONDS} s.`,
    headers: { "retry-after": String(RETRY_SECONDS) },
  };
}
