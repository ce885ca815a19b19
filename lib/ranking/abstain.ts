/** What an answer looks like at its top. */
export interface AbstainInput {
  /** Cosine of the best passage found by meaning; `undefined` when only words were searched. */
  readonly topSimilarity: number | undefined;
  /** BM25 of the best passage found by words. */
  readonly topTextScore: number | undefined;
  /** Terms of the query that occur in the searched projects at all. */
  readonly matchedTerms: number;
  readonly queryTerms: number;
}

const THRESHOLD = 0.25;

export function abstains({ topSimilarity, matchedTerms }: AbstainInput): boolean {
  if (matchedTerms > 0) return false;
  return topSimilarity === undefined || topSimilarity < THRESHOLD;
}
