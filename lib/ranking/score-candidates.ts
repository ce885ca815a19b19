import { BM25_B, BM25_K1, idf } from "./bm25.ts";

/** The passages of one term: parallel lists of passage numbers (whole, ≥ 0) and term frequencies. */
export interface Posting {
  readonly term: string;
  readonly weight: number;
  readonly df: number;
  readonly docs: ArrayLike<number>;
  readonly tfs: ArrayLike<number>;
}

export interface ScoreInput {
  readonly postings: readonly Posting[];
  /** Terms of a passage. Asked once a passage. */
  readonly lengthOf: (doc: number) => number;
  /** Whether a passage passes the filter. Asked once a passage. */
  readonly accept: (doc: number) => boolean;
  /** Passages searched. */
  readonly n: number;
  readonly averageLength: number;
  readonly limit: number;
}

export interface ScoredDoc {
  readonly doc: number;
  readonly score: number;
}

/**
 * BM25 over the candidates: the best `limit` and whatever ties with the last of them, by score descending (rounded
 * to 1e-6), then passage number. The order among equals by date and id (RULES 24) is the caller's.
 */
export function scoreCandidates(input: ScoreInput): ScoredDoc[] {
  const table = newTable(input.postings.reduce((sum, { docs }) => sum + docs.length, 0));
  for (const posting of input.postings) addPosting(table, posting, input);
  return best(table, input.limit);
}

/** How often each wanted term stands in a passage's space-separated terms. */
export function countTerms(terms: string, wanted: readonly string[]): number[] {
  return wanted.map((term) => countTerm(terms, term));
}

/** A score as results are ordered by it. */
export function roundScore(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}

/** Open addressing: at 10,000 passages a Map of objects takes longer than the arithmetic. */
interface Table {
  readonly mask: number;
  /** Passage number + 1; 0 is a free slot. */
  readonly keys: Float64Array;
  readonly scores: Float64Array;
  /** BM25's length term `k1 · (1 − b + b · length / average)`; negative for a passage that is not accepted. */
  readonly norms: Float64Array;
}

const REFUSED = -1;

function newTable(postings: number): Table {
  let size = 16;
  while (size < postings * 2) size *= 2;
  return {
    mask: size - 1,
    keys: new Float64Array(size),
    scores: new Float64Array(size),
    norms: new Float64Array(size),
  };
}

function addPosting(table: Table, posting: Posting, input: ScoreInput): void {
  const { docs, tfs } = posting;
  const most = posting.weight * idf(posting.df, input.n) * (BM25_K1 + 1);
  for (let i = 0; i < docs.length; i++) {
    const slot = slotOf(table, docs[i] ?? 0, input);
    const norm = table.norms[slot] ?? 0;
    const tf = tfs[i] ?? 0;
    table.scores[slot] = (table.scores[slot] ?? 0) + (most * tf) / (tf + norm);
  }
}

function slotOf({ mask, keys, norms }: Table, doc: number, input: ScoreInput): number {
  let slot = (Math.imul(doc % 0x100000000, 0x9e3779b1) >>> 7) & mask;
  const key = doc + 1;
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
  if (keys[slot] === 0) {
    keys[slot] = key;
    norms[slot] = input.accept(doc) ? normOf(input.lengthOf(doc), input.averageLength) : REFUSED;
  }
  return slot;
}

function normOf(length: number, averageLength: number): number {
  const relative = averageLength > 0 ? length / averageLength : 1;
  return BM25_K1 * (1 - BM25_B + BM25_B * relative);
}

function best({ keys, scores, norms }: Table, limit: number): ScoredDoc[] {
  const found: ScoredDoc[] = [];
  for (let slot = 0; slot < keys.length; slot++) {
    const key = keys[slot] ?? 0;
    if (key !== 0 && norms[slot] !== REFUSED)
      found.push({ doc: key - 1, score: roundScore(scores[slot] ?? 0) });
  }
  const bar = nthBest(found, limit);
  return found.filter(({ score }) => score >= bar).sort((a, b) => b.score - a.score || a.doc - b.doc);
}

function nthBest(found: readonly ScoredDoc[], n: number): number {
  if (n <= 0) return Number.POSITIVE_INFINITY;
  if (found.length <= n) return Number.NEGATIVE_INFINITY;
  const scores = Float64Array.from(found, ({ score }) => score).sort();
  return scores[scores.length - n] ?? 0;
}

function countTerm(terms: string, term: string): number {
  if (term === "") return 0;
  let count = 0;
  for (let at = terms.indexOf(term); at >= 0; at = terms.indexOf(term, at + term.length)) {
    const end = at + term.length;
    const startsHere = at === 0 || terms[at - 1] === " ";
    if (startsHere && (end === terms.length || terms[end] === " ")) count++;
  }
  return count;
}
