import { BM25_K1, bm25, idf } from "../../ranking/bm25.ts";
import { countTerms, roundScore } from "../../ranking/score-candidates.ts";
import type { Database } from "./driver.ts";
import type { ScoredChunk } from "./hits.ts";
import type { WeighedTerm } from "./term-frequencies.ts";

/** A passage with its score over the terms that were read. */
export interface Candidate extends ScoredChunk {
  readonly length: number;
}

export interface Unread {
  /** Terms that were read, ascending by frequency. */
  readonly read: readonly WeighedTerm[];
  /** Terms too common to be read whole. */
  readonly unread: readonly WeighedTerm[];
  /** Passages searched. */
  readonly n: number;
  readonly averageLength: number;
  readonly limit: number;
}

const AT_ONCE = 200;
/** What rounding may have taken from a score. */
const ROUNDING = 1e-6;

/**
 * Scores over all terms, counted in the passages' own terms; but only of passages that can still come among
 * the best `limit`, given the most that the unread terms can add.
 */
export function addUnread(
  db: Database,
  candidates: readonly Candidate[],
  measures: Unread,
): readonly ScoredChunk[] {
  const { unread, n, limit } = measures;
  if (unread.length === 0) return candidates;
  const most = unread.reduce((sum, { df, weight }) => sum + weight * idf(df, n) * (BM25_K1 + 1), 0);
  const complete: ScoredChunk[] = [];
  for (let first = 0; first < candidates.length; first += AT_ONCE) {
    const reachable = (candidates[first]?.score ?? 0) + most + ROUNDING;
    if (reachable < nthBest(complete, limit)) break;
    complete.push(...completed(db, candidates.slice(first, first + AT_ONCE), measures));
  }
  return complete;
}

function completed(
  db: Database,
  candidates: readonly Candidate[],
  { read, unread, n, averageLength }: Unread,
): readonly ScoredChunk[] {
  const terms = [...read, ...unread];
  const names = terms.map(({ term }) => term);
  const texts = new Map(
    db
      .prepare("SELECT c.id, c.terms FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value")
      .raw(JSON.stringify(candidates.map(({ chunk }) => chunk)))
      .map(([id, text]) => [Number(id), String(text)]),
  );
  return candidates.map(({ chunk, length }) => {
    const counts = countTerms(texts.get(chunk) ?? "", names);
    const score = terms.reduce(
      (sum, { df, weight }, i) => sum + weight * bm25({ tf: counts[i] ?? 0, df, n, length, averageLength }),
      0,
    );
    return { chunk, score: roundScore(score) };
  });
}

/** The `n`th best score so far: what a passage must reach. */
function nthBest(scored: readonly ScoredChunk[], n: number): number {
  if (scored.length < n) return Number.NEGATIVE_INFINITY;
  return scored.map(({ score }) => score).sort((a, b) => b - a)[n - 1] ?? Number.NEGATIVE_INFINITY;
}
