import { fold } from "./fold.ts";
import { splitCompound } from "./identifiers.ts";
import { scan } from "./scan.ts";
import { isStopWord } from "./stop-words.ts";
import { termOf } from "./term.ts";

/** One term of a query. */
export interface QueryTerm {
  /** As it stands in the index. */
  readonly term: string;
  /** How much a match counts; 1 for a word said once. */
  readonly weight: number;
  /** The user's own word, for `why.terms` and snippets. */
  readonly origin: string;
}

/** How much the pieces of an identifier count beside the identifier as a whole. */
const PIECE_WEIGHT = 0.5;

type Emit = (term: string, word: string, isPiece: boolean) => void;

/**
 * The terms of a text in their order, each in `[a-z0-9_]`: the one analyser of documents and queries.
 *
 * A plain word gives one term, its stem. A compound (`camelCase`, `snake_case`, `well-known`, `a/b.ts`, `v1.2.3`,
 * `@scope/pkg`) gives the terms of its pieces and one of the whole run together, so that `GitHub`, `git-hub` and
 * `github` meet. Runs of Chinese, Japanese, Korean and Thai give bigrams. English stop words are dropped, unless
 * the text has nothing else. The length of a text for BM25 is the number of these terms.
 */
export function analyse(text: string): string[] {
  const terms: string[] = [];
  const folded = fold(text);
  emitTerms(folded, false, (term) => terms.push(term));
  if (terms.length === 0) emitTerms(folded, true, (term) => terms.push(term));
  return terms;
}

/**
 * The different terms of a query in their order of appearance; a term said n times weighs n.
 * A query of nothing but stop words finds the texts that are nothing but stop words.
 */
export function analyseQuery(text: string): QueryTerm[] {
  const found = new Map<string, { weight: number; count: number; origin: string }>();
  const add: Emit = (term, origin, isPiece) => {
    const weight = isPiece ? PIECE_WEIGHT : 1;
    const known = found.get(term);
    if (known === undefined) found.set(term, { weight, count: 1, origin });
    else
      found.set(term, {
        weight: Math.max(known.weight, weight),
        count: known.count + 1,
        origin: known.origin,
      });
  };
  const folded = fold(text);
  emitTerms(folded, false, add);
  if (found.size === 0) emitTerms(folded, true, add);
  return Array.from(found, ([term, { weight, count, origin }]) => ({
    term,
    weight: weight * count,
    origin,
  }));
}

function emitTerms(folded: string, withStopWords: boolean, emit: Emit): void {
  scan(folded, {
    word: (word, origin) => {
      const lower = word.toLowerCase();
      if (withStopWords || !isStopWord(lower)) emit(termOf(lower), origin, false);
    },
    compound: (compound) => {
      for (const { word, isPiece } of splitCompound(compound)) {
        if (withStopWords || !isStopWord(word)) emit(termOf(word), isPiece ? word : compound, isPiece);
      }
    },
    gram: (gram) => emit(termOf(gram), gram, false),
  });
}
