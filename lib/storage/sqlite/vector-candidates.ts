import { MAX_CANDIDATES } from "./vector-layout.ts";

/** Up to so many matching rows every one of them is scored exactly. */
const EXACT_UP_TO = 2_000;
const FEWEST = 200;
const FOR_EACH_RESULT = 2;
/** Beyond so many rows their neighbours crowd and one bit a dimension tells them apart less well. */
const CROWDED_FROM = 100_000;
/** Ten times the rows ask for 3.5 times the candidates. */
const CROWDING = 0.55;

/**
 * How many candidates to rescore in one round so that, on real embeddings, nearly all of the `limit` nearest are
 * among the first two; all when few rows match. The figures come from docs/adr/0004.
 *
 * @param limit how many results are wanted
 * @param matching how many rows pass the filter
 */
export function candidatesFor(limit: number, matching: number): number {
  if (matching <= EXACT_UP_TO) return matching;
  const crowding = Math.max(1, matching / CROWDED_FROM) ** CROWDING;
  const wanted = Math.ceil((FEWEST + FOR_EACH_RESULT * limit) * crowding);
  return Math.min(matching, MAX_CANDIDATES, wanted);
}
