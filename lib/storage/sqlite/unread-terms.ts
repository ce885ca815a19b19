import { BM25_K1, bm25, idf } from "../../ranking/bm25.ts";
import type { Database } from "./driver.ts";
import { rounded, type ScoredChunk } from "./hits.ts";
import type { WeighedTerm } from "./term-frequencies.ts";
import { countTerms } from "./word-candidates.ts";

/** A passage with the score of the terms that were read. */
export interface Candidate extends ScoredChunk {
  readonly length: number;
}

export interface Unread {
  /** Terms too common to be read whole. */
  readonly unread: readonly WeighedTerm[];
  readonly n: number;
  readonly averageLength: number;
  readonly limit: number;
}

const AT_ONCE = 200;

/**
 * Adds what the terms that were not read are worth, counted in the passages' own terms; but only for
 * passages that can still come among the best `limit`, given the most that a term can add.
 */
export function addUnread(
  db: Database,
  candidates: readonly Candidate[],
  measures: Unread,
): readonly ScoredChunk[] {
  const { unread, n, limit } = measures;
  if (unread.length === 0) return candidates;
  const most = unread.reduce((sum, { df, weight }) => sum + weight * idf(df, n) * (BM25_K1 + 1), 0);
  const waiting = [...candidates].sort((a, b) => b.score - a.score);
  const complete: ScoredChunk[] = [];
  for (let first = 0; first < waiting.length; first += AT_ONCE) {
    const bar = nthBest(complete, limit);
    if ((waiting[first]?.score ?? 0) + most < bar) break;
    complete.push(...completed(db, waiting.slice(first, first + AT_ONCE), measures));
  }
  return complete;
}

function completed(
  db: Database,
  candidates: readonly Candidate[],
  { unread, n, averageLength }: Unread,
): readonly ScoredChunk[] {
  const names = unread.map(({ term }) => term);
  const texts = new Map(
    db
      .prepare("SELECT c.id, c.terms FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value")
      .raw(JSON.stringify(candidates.map(({ chunk }) => chunk)))
      .map(([id, terms]) => [Number(id), String(terms)]),
  );
  return candidates.map(({ chunk, length, score }) => {
    const counts = countTerms(texts.get(chunk) ?? "", names);
    const added = unread.reduce(
      (sum, { df, weight }, i) => sum + weight * bm25({ tf: counts[i] ?? 0, df, n, length, averageLength }),
      0,
    );
    return { chunk, score: rounded(score + added) };
  });
}

/** The `n`th best score so far: what a passage must reach. */
function nthBest(scored: readonly ScoredChunk[], n: number): number {
  if (scored.length < n) return Number.NEGATIVE_INFINITY;
  return scored.map(({ score }) => score).sort((a, b) => b - a)[n - 1] ?? Number.NEGATIVE_INFINITY;
}
