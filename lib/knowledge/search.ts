import { KnowledgeError } from "../domain/error.ts";
import { KINDS } from "../domain/ids.ts";
import {
  type Degradation,
  SEARCH_MODES,
  type SearchAnswer,
  type SearchFilter,
  type SearchMode,
} from "../domain/search.ts";
import { parseAfter, parseBefore } from "../domain/time-range.ts";
import { EVENT_TYPES, parseChoice } from "../domain/vocabulary.ts";
import { abstains } from "../ranking/abstain.ts";
import { fitToBudget } from "../ranking/budget.ts";
import { analyseQuery, type QueryTerm } from "../ranking/tokens.ts";
import type { Hit } from "../storage/contract/passages.ts";
import { type ListArgument, type NumberArgument, parseChoices, parseLimit, parseWhole } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { freshen } from "./freshness.ts";
import { timeContext } from "./query.ts";
import { embedQuery } from "./query-vector.ts";
import { type RankedDocument, rankDocuments } from "./rank-documents.ts";
import { costOf, presentResults } from "./search-results.ts";

export interface SearchRequest {
  readonly query: string;
  readonly mode?: string | undefined;
  readonly kind?: ListArgument;
  /** Event types. */
  readonly type?: ListArgument;
  readonly limit?: NumberArgument;
  readonly maxTokens?: NumberArgument;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly includeSuperseded?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly timezone?: string | undefined;
  /** How long to wait for a model that is still warming, in ms. */
  readonly waitMs: number;
}

/** Passages that each engine list hands over: enough that a hundred documents remain after collapsing. */
const PASSAGES = 400;
/** Fewer by meaning, where each costs the reading of several vectors. */
const NEAREST = 120;
/** Longer questions are cut here: the model reads 256 word pieces, and words beyond it add only noise. */
const MAX_QUERY = 8_000;

/**
 * Ranked search over plans, sessions, patterns and events, by words, by meaning or both. Words are OR-ed and
 * ranked: a question is never required to match whole. @throws KnowledgeError `invalid_input`.
 */
export async function searchKnowledge(
  deps: Deps,
  scope: Scope,
  request: SearchRequest,
): Promise<SearchAnswer> {
  const asked = parseRequest(deps, request);
  const terms = asked.mode === "semantic" ? [] : analyseQuery(asked.query.slice(0, MAX_QUERY));
  const isBehind = await freshen(deps, scope);
  const lists = await candidateLists(deps, scope, asked, terms);
  const ranked = rankDocuments({ words: lists.words, meaning: lists.meaning, terms, mode: lists.mode });
  const page = ranked.slice(asked.offset, asked.offset + asked.limit);
  const results = await presentResults(deps, page, analyseQuery(asked.query.slice(0, MAX_QUERY)));
  const { kept, omitted, tokens } = fitToBudget(results, asked.maxTokens, costOf);
  const shown = asked.offset + kept.length;
  return {
    query: request.query,
    mode: lists.mode,
    count: kept.length,
    results: kept,
    degraded: worstOf(lists.degraded, isBehind),
    coverage: lists.coverage,
    abstained: asked.offset === 0 && abstainsOn(lists, ranked, terms),
    tokens,
    omitted,
    ...(shown < ranked.length && kept.length > 0 && { nextCursor: `s${shown}` }),
  };
}

/** The one reason that is told: a missing list first, then missing files, then words read in part. */
function worstOf(degraded: Degradation | null, isBehind: boolean): Degradation | null {
  return isBehind && (degraded === null || degraded === "bounded") ? "index_behind" : degraded;
}

interface Asked {
  readonly query: string;
  readonly mode: SearchMode;
  readonly limit: number;
  readonly maxTokens: number;
  readonly offset: number;
  readonly filter: SearchFilter;
  readonly waitMs: number;
}

function parseRequest(deps: Deps, request: SearchRequest): Asked {
  const query = request.query.trim();
  if (query === "") {
    throw new KnowledgeError("invalid_input", "The query is empty.", {
      field: "query",
      hint: "Ask in words or as a question, for example: how do we rotate the database credentials?",
    });
  }
  const time = timeContext(deps, request.timezone);
  return {
    query,
    mode: request.mode === undefined ? "hybrid" : parseChoice("mode", request.mode, SEARCH_MODES),
    limit: parseLimit(request.limit, 10),
    maxTokens: parseWhole("maxTokens", request.maxTokens, { min: 50, max: 1_000_000, otherwise: 1_000_000 }),
    offset: parseOffset(request.cursor),
    filter: {
      kinds: parseChoices("kind", request.kind, KINDS),
      eventTypes: parseChoices("type", request.type, EVENT_TYPES),
      after: request.after === undefined ? undefined : parseAfter("after", request.after, time),
      before: request.before === undefined ? undefined : parseBefore("before", request.before, time),
      includeSuperseded: request.includeSuperseded ?? false,
    },
    waitMs: request.waitMs,
  };
}

function parseOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = /^s(\d{1,4})$/.exec(cursor)?.[1];
  if (offset !== undefined) return Number(offset);
  throw new KnowledgeError("invalid_input", "The cursor is not one that search gave.", {
    field: "cursor",
    hint: "Use nextCursor of the previous answer to the same query, or leave cursor out.",
  });
}

interface Lists {
  readonly words: readonly Hit[];
  readonly meaning: readonly Hit[];
  readonly known: readonly string[];
  /** What really ran. */
  readonly mode: SearchMode;
  readonly degraded: Degradation | null;
  readonly coverage: number;
}

/** Both lists of passages, each ranked and limited inside the engine. */
async function candidateLists(
  deps: Deps,
  scope: Scope,
  asked: Asked,
  terms: readonly QueryTerm[],
): Promise<Lists> {
  const projects = scope.projects.map(({ id }) => id);
  const { filter } = asked;
  const wordHits = deps.storage.search.byWords({
    projects,
    terms: terms.map(({ term, weight }) => ({ term, weight })),
    filter,
    limit: PASSAGES,
  });
  if (asked.mode === "text") {
    const { hits, known, degraded } = await wordHits;
    return {
      words: hits,
      meaning: [],
      known,
      mode: "text",
      degraded,
      coverage: await coverageOf(deps, projects),
    };
  }
  // Both run at once; the words' failure must not go unheard while the model is awaited.
  const [byWords, embedded] = await Promise.all([
    wordHits,
    embedQuery(deps, asked.query.slice(0, MAX_QUERY), asked.waitMs),
  ]);
  if (embedded.vector === undefined || deps.embedder === undefined) {
    const words = asked.mode === "semantic" ? await wordsInstead(deps, projects, asked) : byWords;
    return {
      words: words.hits,
      meaning: [],
      known: words.known,
      mode: "text",
      degraded: embedded.degraded,
      coverage: await coverageOf(deps, projects),
    };
  }
  const byVector = await deps.storage.search.byVector({
    projects,
    space: deps.embedder.space,
    vector: embedded.vector,
    filter,
    limit: NEAREST,
  });
  return {
    words: byWords.hits,
    meaning: byVector.hits,
    known: byWords.known,
    mode: asked.mode,
    degraded: byWords.degraded,
    coverage: byVector.coverage,
  };
}

function wordsInstead(deps: Deps, projects: readonly Hit["project"][], asked: Asked) {
  const terms = analyseQuery(asked.query.slice(0, MAX_QUERY)).map(({ term, weight }) => ({ term, weight }));
  return deps.storage.search.byWords({ projects, terms, filter: asked.filter, limit: PASSAGES });
}

async function coverageOf(deps: Deps, projects: readonly Hit["project"][]): Promise<number> {
  if (deps.embedder === undefined || projects.length === 0) return deps.embedder === undefined ? 0 : 1;
  const { chunks, embedded } = await deps.storage.chunks.coverage(projects, deps.embedder.space);
  return chunks === 0 ? 1 : embedded / chunks;
}

function abstainsOn(lists: Lists, ranked: readonly RankedDocument[], terms: readonly QueryTerm[]): boolean {
  if (ranked.length === 0) return true;
  return abstains({
    topSimilarity: lists.meaning[0]?.score,
    topTextScore: lists.words[0]?.score,
    matchedTerms: lists.known.length,
    queryTerms: terms.length,
  });
}
