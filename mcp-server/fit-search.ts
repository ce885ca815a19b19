import type { SearchAnswer, SearchResult } from "../lib/domain/search.ts";
import { countThatFits, jsonTokens } from "./fit.ts";
import { quote } from "./quoted.ts";
import { cutText, shortenToFit } from "./shorten.ts";

/** Characters of the question that are said back. */
const ECHO = 200;

/**
 * A search's answer within the budget, its snippets fenced as quoted text. Results are dropped from the end;
 * `nextCursor` goes on at the first of them.
 */
export function fitSearch(
  answer: SearchAnswer,
  request: {
    readonly maxTokens: number;
    readonly nowMs: number;
    /** The cursor behind one of the answer's results. */
    readonly cursorBehind: (result: SearchResult) => string;
  },
): object {
  const results = answer.results.map((result) => fenced(result, request.nowMs));
  const head = { ...answer, query: cutText(answer.query, ECHO), tokens: request.maxTokens, results: [] };
  const fitting = countThatFits(results, head, request.maxTokens);
  const isCut = fitting < results.length;
  // A first result too big by itself comes shortened: a page without results would end the reading.
  const kept =
    fitting === 0 && isCut
      ? results.slice(0, 1).map((result) => shortenToFit(result, request.maxTokens - jsonTokens(head) - 30))
      : results.slice(0, fitting);
  const last = answer.results[kept.length - 1];
  const isShort = kept.length < results.length && last !== undefined;
  const shown = {
    ...head,
    count: kept.length,
    results: kept,
    omitted: results.length - kept.length,
    ...(isShort && { nextCursor: request.cursorBehind(last) }),
  };
  return { ...shown, tokens: jsonTokens(shown) };
}

function fenced({ snippet, author, ...result }: SearchResult, nowMs: number): object {
  return { ...result, ...quote(snippet, { source: result.ref, author, at: result.date }, nowMs) };
}
