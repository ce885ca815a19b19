import { KnowledgeError } from "../../domain/error.ts";
import type { SearchTerm } from "../contract/passages.ts";

/** A term of a query with its document frequency over the projects searched. */
export interface WeighedTerm extends SearchTerm {
  readonly df: number;
}

/** Of a longer query the rarest terms count. */
const MAX_TERMS = 64;
const TERM = /^[a-z0-9_]+$/;

/** The query's different terms, in their order. @throws KnowledgeError `invalid_input` */
export function differentTerms(terms: readonly SearchTerm[]): readonly SearchTerm[] {
  for (const { term } of terms) requireTerm(term);
  return [...new Map(terms.map((term) => [term.term, term])).values()];
}

/** Those that occur at all, with their frequencies, in the query's order. */
export function knownTerms(
  terms: readonly SearchTerm[],
  frequencies: ReadonlyMap<string, number>,
): readonly WeighedTerm[] {
  return terms.flatMap(({ term, weight }) => {
    const df = frequencies.get(term);
    return df === undefined ? [] : [{ term, weight, df }];
  });
}

/** The rarest of a long query's terms; all of a short one's. */
export function rarest(terms: readonly WeighedTerm[]): readonly WeighedTerm[] {
  return terms.length <= MAX_TERMS ? terms : [...terms].sort((a, b) => a.df - b.df).slice(0, MAX_TERMS);
}

/** @throws KnowledgeError `invalid_input` for what the analyser cannot have made: no engine sees other text. */
export function requireTerm(term: string): void {
  if (TERM.test(term)) return;
  throw new KnowledgeError("invalid_input", "A search term holds characters other than a-z, 0-9 and _.", {
    field: "terms",
    hint: "Pass the terms that the analyser gives.",
  });
}
