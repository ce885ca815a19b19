/** Below this many matching rows the exact scan of all of them is quick enough. */
const EXACT_BELOW = 2_000;

export function candidatesFor(limit: number, matching: number): number {
  return Math.min(matching, Math.max(EXACT_BELOW, limit));
}
