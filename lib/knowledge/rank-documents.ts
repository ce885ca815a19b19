import type { SearchMode } from "../domain/search.ts";
import { collapse } from "../ranking/collapse.ts";
import { fuse } from "../ranking/fuse.ts";
import type { QueryTerm } from "../ranking/tokens.ts";
import type { Hit } from "../storage/contract/passages.ts";

/** A document in the final order, with its best passage. */
export interface RankedDocument {
  readonly best: Hit;
  readonly score: number;
  /** Cosine of the best passage found by meaning. */
  readonly similarity: number | undefined;
  readonly textRank: number | undefined;
  readonly semanticRank: number | undefined;
}

export interface RankInput {
  readonly words: readonly Hit[];
  readonly meaning: readonly Hit[];
  readonly terms: readonly QueryTerm[];
  readonly mode: SearchMode;
}

/** Passages collapsed to their documents, the two lists fused; score descending, date descending, id ascending. */
export function rankDocuments(input: RankInput): readonly RankedDocument[] {
  const text = collapse(input.words, keyOf);
  const semantic = collapse(input.meaning, keyOf);
  const textBest = new Map(text.map((item) => [item.key, item]));
  const semanticBest = new Map(semantic.map((item) => [item.key, item]));
  const fused = fuse({ text, semantic, terms: input.terms, mode: input.mode });
  return fused
    .flatMap(({ key, score, textRank, semanticRank }): RankedDocument[] => {
      const byMeaning = semanticBest.get(key);
      const best = (byMeaning ?? textBest.get(key))?.best;
      if (best === undefined) return [];
      return [
        {
          best,
          score: Math.round(score * 1e6) / 1e6,
          similarity: byMeaning?.best.score,
          textRank,
          semanticRank,
        },
      ];
    })
    .sort(byScore);
}

function keyOf(hit: Hit): string {
  return `${hit.kind}:${hit.owner}`;
}

function byScore(a: RankedDocument, b: RankedDocument): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.best.date !== b.best.date) return a.best.date < b.best.date ? 1 : -1;
  return a.best.owner < b.best.owner ? -1 : 1;
}
