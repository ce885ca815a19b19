/** A passage that was found; `score` in whatever unit its list has. */
export interface ScoredPassage {
  readonly score: number;
}

/** A document by its best passage. */
export interface Collapsed<P> {
  readonly key: string;
  readonly score: number;
  readonly best: P;
}

/**
 * Passages to documents: each document has the score and the passage of its best one, and documents keep the
 * order of their best passages. Further passages add nothing: over six sets of documents every bonus for them,
 * from a tenth to a third of their score, was no better than none.
 */
export function collapse<P extends ScoredPassage>(
  passages: readonly P[],
  keyOf: (passage: P) => string,
): Collapsed<P>[] {
  const best = new Map<string, P>();
  for (const passage of passages) {
    const key = keyOf(passage);
    const known = best.get(key);
    if (known === undefined || passage.score > known.score) best.set(key, passage);
  }
  return Array.from(best, ([key, passage]) => ({ key, score: passage.score, best: passage })).sort(
    (a, b) => b.score - a.score,
  );
}
