import { estimateTokens } from "../lib/ranking/budget.ts";

/** What `omitted`, a cursor and the envelope around a list cost, in tokens; what was guessed wrong is found by counting. */
const ENVELOPE = 60;

/** Signs beyond the basic plane that are no emoji: up to four tokens each, more than the estimate charges on average. */
const RARE_SIGN = /[\u{10000}-\u{1efff}\u{1fb00}-\u{10ffff}]/gu;
const MORE_FOR_A_RARE_SIGN = 1.5;

/** Estimated o200k tokens of a value as compact JSON, rather too many than too few. */
export function jsonTokens(value: unknown): number {
  const text = JSON.stringify(value) ?? "";
  const rare = text.match(RARE_SIGN)?.length ?? 0;
  return Math.ceil(estimateTokens(text) + rare * MORE_FOR_A_RARE_SIGN);
}

/** How many items from the front fit beside the rest of an answer. */
export function countThatFits(items: readonly unknown[], rest: object, maxTokens: number): number {
  let left = maxTokens - ENVELOPE - jsonTokens(rest);
  let count = 0;
  for (const item of items) {
    left -= jsonTokens(item) + 1;
    if (left < 0) break;
    count++;
  }
  return count;
}
