/** A term of a query with the number of passages that hold it. */
export interface PlannedTerm {
  readonly term: string;
  readonly weight: number;
  readonly df: number;
}

/** Which passages are looked at (RULES 24). */
export interface CandidatePlan {
  /** Terms whose passages are candidates; with `limit`, only the newest so many. */
  readonly read: readonly { readonly term: string; readonly limit?: number }[];
  /** Terms too common to bring candidates; they still count in the scores of what the others brought. */
  readonly unread: readonly string[];
  /** Whether a term was read in part, so that a match may have been missed. */
  readonly bounded: boolean;
}

const MAX_CANDIDATES = 10_000;
/** With fewer candidates from the rare terms, one common term is read in part beside them. */
const ENOUGH = 100;

/**
 * The one choice of candidates for both engines: terms in ascending frequency (ties by term, bytewise), each read
 * whole until the sum has passed `cap`, so less than `2 × cap` in all. A term with more than `cap` passages is
 * read only where the rarer ones brought fewer than 100: the rarest such term, newest `cap` passages, `bounded`.
 * Terms that occur nowhere are left out.
 */
export function planCandidates(terms: readonly PlannedTerm[], cap = MAX_CANDIDATES): CandidatePlan {
  const known = terms.filter(({ df }) => df > 0).sort(byFrequency);
  const read: { term: string; limit?: number }[] = [];
  const unread: string[] = [];
  let sum = 0;
  let bounded = false;
  for (const { term, df } of known) {
    if (df <= cap && sum < cap) {
      read.push({ term });
      sum += df;
    } else if (df > cap && sum < Math.min(ENOUGH, cap)) {
      read.push({ term, limit: cap });
      sum += cap;
      bounded = true;
    } else unread.push(term);
  }
  return { read, unread, bounded };
}

function byFrequency(a: PlannedTerm, b: PlannedTerm): number {
  if (a.df !== b.df) return a.df - b.df;
  return a.term < b.term ? -1 : Number(a.term > b.term);
}
