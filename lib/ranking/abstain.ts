/** What an answer looks like at its top. */
export interface AbstainInput {
  /** Cosine of the best passage found by meaning; `undefined` when only words were searched. */
  readonly topSimilarity: number | undefined;
  /** BM25 of the best passage found by words. */
  readonly topTextScore: number | undefined;
  /** Terms of the query that occur in the searched projects at all. */
  readonly matchedTerms: number;
  readonly queryTerms: number;
  /** For other models than the local one. Default 0.33. */
  readonly unrelatedCosine?: number | undefined;
}

/**
 * The cosine below which nothing was found that has to do with the question, for all-MiniLM-L6-v2. Measured on
 * questions asked of ten collections: the best cosine of a question to its own collection is below 0.33 for 7 %,
 * of a question to a foreign one for 81 %.
 */
const UNRELATED_COSINE = 0.33;
/** The more of the question's words are known, the less alike the best passage has to be. */
const TRUST_IN_WORDS = 0.1;

/**
 * Whether an answer should say that nothing relevant was found: some word of the question stands nowhere, and the
 * best passage is hardly more alike than foreign texts are. A question whose every word is known is never refused.
 * Without similarities: when no word of it is known.
 */
export function abstains(input: AbstainInput): boolean {
  const { topSimilarity, matchedTerms, queryTerms, unrelatedCosine = UNRELATED_COSINE } = input;
  if (topSimilarity === undefined) return matchedTerms === 0;
  const known = queryTerms > 0 ? Math.min(1, matchedTerms / queryTerms) : 0;
  return known < 1 && topSimilarity < unrelatedCosine - TRUST_IN_WORDS * known;
}
