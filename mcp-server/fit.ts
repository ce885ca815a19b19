import { estimateTokens } from "../lib/ranking/budget.ts";

/** What `omitted`, a cursor and the envelope around a list cost, in tokens; what was guessed wrong is found by counting. */
const ENVELOPE = 60;

/** Estimated o200k tokens of a value as compact JSON, rather too many than too few. */
export function jsonTokens(value: unknown): number {
  return estimateTokens(JSON.stringify(value) ?? "");
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
