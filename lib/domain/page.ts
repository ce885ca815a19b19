/** Counts are exact up to here; beyond, `countExact` is false (RULES 28). */
export const COUNT_LIMIT = 10_000;

/** Which part of a long answer is wanted. */
export interface PageRequest {
  /** Rows wanted, 1 to 1,000. */
  readonly limit: number;
  /** Opaque continuation from the previous page's `nextCursor`. */
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  /** All rows that match, not those of this page; at most {@link COUNT_LIMIT}. */
  readonly count: number;
  readonly countExact: boolean;
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}
