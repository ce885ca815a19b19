import type { QueryTerm } from "./tokens.ts";

/** One item of a ranked list, best first. */
export interface Ranked {
  readonly key: string;
  /** BM25 in the list found by words, cosine in the list found by meaning. */
  readonly score: number;
}

export interface FuseInput {
  readonly text: readonly Ranked[];
  readonly semantic: readonly Ranked[];
  /** Share of meaning, 0 to 1. Default: by the query's terms. */
  readonly weight?: number | undefined;
  /** The query's terms: names and numbers lean on words. */
  readonly terms?: readonly QueryTerm[] | undefined;
  /** With `text` or `semantic` only that list counts. Default `hybrid`. */
  readonly mode?: "hybrid" | "semantic" | "text" | undefined;
}

export interface Fused {
  readonly key: string;
  /** Hybrid: from about 0 to 1. One list alone: that list's own score. */
  readonly score: number;
  /** Rank in the list found by words, from 1. */
  readonly textRank?: number;
  /** Rank in the list found by meaning, from 1. */
  readonly semanticRank?: number;
}

/** Share of meaning where the query gives no reason for another. */
export const SEMANTIC_WEIGHT = 0.55;
/** By how much it falls where at least half of the terms are names. */
const WEIGHT_OF_NAMES = 0.15;
const NAME = /[0-9_./\\:@#]|\p{Ll}\p{Lu}/u;
/** Lists are scaled by their first hundred, so that asking for more changes nothing. */
const DEPTH = 100;
/** Where the first hundred lie closer together than this, meaning tells them apart poorly and counts less. */
const MIN_SPREAD = 0.45;

/**
 * Two ranked lists as one, score descending; equals keep the order of the text list, then of the semantic one.
 *
 * Words count by their share of the best word score; meaning by its distance from the hundredth cosine, in units of
 * the list's spread, but of no less than 0.45. An item that one list lacks gets nothing from it (words) or what the
 * last of it got (meaning).
 */
export function fuse(input: FuseInput): Fused[] {
  const { mode = "hybrid" } = input;
  const text = mode === "semantic" ? [] : input.text;
  const semantic = mode === "text" ? [] : input.semantic;
  const textRanks = ranksOf(text);
  const semanticRanks = ranksOf(semantic);
  const scoreOf = scoring(text, semantic, input.weight ?? semanticWeight(input.terms));
  const keys = new Set([...textRanks.keys(), ...semanticRanks.keys()]);
  const fused = Array.from(keys, (key): Fused => {
    const textRank = textRanks.get(key);
    const semanticRank = semanticRanks.get(key);
    return {
      key,
      score: scoreOf(text[(textRank ?? 0) - 1], semantic[(semanticRank ?? 0) - 1]),
      ...(textRank !== undefined && { textRank }),
      ...(semanticRank !== undefined && { semanticRank }),
    };
  });
  return fused.sort((a, b) => b.score - a.score);
}

/**
 * Share of meaning for a query: less of it the more of the query's terms are names, numbers or paths, which a text
 * holds or does not hold. The sets we measured with neither gain nor lose by this; `E11000` alone does.
 */
export function semanticWeight(terms: readonly QueryTerm[] = []): number {
  if (terms.length === 0) return SEMANTIC_WEIGHT;
  const names = terms.filter(({ origin }) => NAME.test(origin)).length;
  return SEMANTIC_WEIGHT - WEIGHT_OF_NAMES * Math.min(1, (2 * names) / terms.length);
}

type Score = (text: Ranked | undefined, semantic: Ranked | undefined) => number;

function scoring(text: readonly Ranked[], semantic: readonly Ranked[], weight: number): Score {
  if (semantic.length === 0) return (item) => item?.score ?? 0;
  if (text.length === 0) return (_, item) => item?.score ?? 0;
  const textBest = text[0]?.score || 1;
  const top = semantic[0]?.score ?? 0;
  const floor = semantic[Math.min(DEPTH, semantic.length) - 1]?.score ?? 0;
  const last = semantic.at(-1)?.score ?? 0;
  const spread = Math.max(top - floor, MIN_SPREAD);
  return (byWords, byMeaning) => {
    const words = (byWords?.score ?? 0) / textBest;
    const meaning = ((byMeaning?.score ?? last) - floor) / spread;
    return (1 - weight) * words + weight * meaning;
  };
}

function ranksOf(list: readonly Ranked[]): ReadonlyMap<string, number> {
  return new Map(list.map(({ key }, i) => [key, i + 1]));
}
