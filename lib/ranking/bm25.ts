/**
 * Saturation of term frequency and share of length normalisation. Over twelve collections, whole and cut into passages,
 * k1 from 1.2 to 2 and b from 0.5 to 0.9 lie within 0.007 of each other in mean nDCG@10; chat turns want less, long
 * documents more.
 */
export const BM25_K1 = 1.5;
export const BM25_B = 0.75;

/** What one term adds to the score of one text. */
export interface Bm25Input {
  /** How often the term stands in the text. */
  readonly tf: number;
  /** In how many texts of the project it stands. */
  readonly df: number;
  /** How many texts the project has. */
  readonly n: number;
  /** Terms of the text. */
  readonly length: number;
  /** Mean terms of the project's texts. */
  readonly averageLength: number;
  readonly k1?: number;
  readonly b?: number;
}

/** Inverse document frequency that is never negative: ln(1 + (n − df + ½) / (df + ½)) (Lucene's BM25Similarity). */
export function idf(df: number, n: number): number {
  return Math.log(1 + (Math.max(n, df) - df + 0.5) / (df + 0.5));
}

/** Okapi BM25 of one term in one text (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009). */
export function bm25(input: Bm25Input): number {
  const { tf, df, n, length, averageLength, k1 = BM25_K1, b = BM25_B } = input;
  if (tf <= 0) return 0;
  const relativeLength = averageLength > 0 ? length / averageLength : 1;
  return (idf(df, n) * tf * (k1 + 1)) / (tf + k1 * (1 - b + b * relativeLength));
}
