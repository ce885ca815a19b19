import { KnowledgeError } from "../domain/error.ts";
import { KINDS, type RowId } from "../domain/ids.ts";
import {
  type Degradation,
  SEARCH_MODES,
  type SearchAnswer,
  type SearchFilter,
  type SearchMode,
} from "../domain/search.ts";
import { parseBounds } from "../domain/time-range.ts";
import { EVENT_TYPES, parseChoice } from "../domain/vocabulary.ts";
import { abstains } from "../ranking/abstain.ts";
import { fitToBudget } from "../ranking/budget.ts";
import { analyseQuery, type QueryTerm } from "../ranking/tokens.ts";
import type { Hit } from "../storage/contract/passages.ts";
import { parseChoices, parseLimit, parseWhole } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { freshen } from "./freshness.ts";
import { timeContext } from "./query.ts";
import { embedQuery } from "./query-vector.ts";
import { type RankedDocument, rankDocuments } from "./rank-documents.ts";
import { markOf, parseSearchCursor, renderSearchCursor, type SearchPlace } from "./search-cursor.ts";
import type { SearchRequest } from "./search-request.ts";
import { costOf, presentResults } from "./search-results.ts";

/** Passages that each engine list hands over: enough that a hundred documents remain after collapsing. */
const PASSAGES = 400;
/** Fewer by meaning, where each costs the reading of several vectors. */
const NEAREST = 120;
/** Longer questions are cut here: the model reads 256 word pieces, and words beyond it add only noise. */
const MAX_QUERY = 8_000;

/**
 * Ranked search over plans, sessions, patterns and events, by words, by meaning or both. Words are OR-ed and
 * ranked: a question is never required to match whole.
 * @throws KnowledgeError `invalid_input`; `unavailable` for a cursor whose mode cannot run just now.
 */
export async function searchKnowledge(
  deps: Deps,
  scope: Scope,
  request: SearchRequest,
): Promise<SearchAnswer> {
  const asked = parseRequest(deps, scope, request);
  const question = analyseQuery(asked.query.slice(0, MAX_QUERY));
  const isBehind = await freshen(deps, scope);
  const lists = await candidateLists(deps, scope, asked, asked.mode === "semantic" ? [] : question);
  if (asked.place !== undefined && lists.mode !== asked.place.mode) throw otherOrder(asked.place);
  const terms = lists.mode === "semantic" ? [] : question;
  const ranked = rankDocuments({ words: lists.words, meaning: lists.meaning, terms, mode: lists.mode });
  const from = placeIn(ranked, asked.place);
  const page = ranked.slice(from, from + asked.limit);
  const results = await presentResults(deps, page, question);
  const { kept, omitted, tokens } = fitToBudget(results, asked.maxTokens, costOf);
  // Without a cut the page ends at its last document, also where that one was deleted meanwhile.
  const last = omitted > 0 ? kept.at(-1)?.id : page.at(-1)?.best.owner;
  const shown = ranked.findIndex(({ best }) => best.owner === last) + 1;
  const cursorOf = (id: RowId): string =>
    renderSearchCursor(request, scope, { offset: shown, mode: lists.mode, last: markOf(id) });
  return {
    query: request.query,
    mode: lists.mode,
    count: kept.length,
    results: kept,
    degraded: worstOf(lists.degraded ?? wordsOnly(deps, request, asked), isBehind),
    coverage: lists.coverage,
    abstained: from === 0 && abstainsOn(lists, ranked, terms),
    tokens,
    omitted,
    ...(last !== undefined && shown < ranked.length && { nextCursor: cursorOf(last) }),
  };
}

/** Where the page begins: behind the last document that was shown, wherever that stands now. */
function placeIn(ranked: readonly RankedDocument[], place: SearchPlace | undefined): number {
  if (place === undefined) return 0;
  const at = ranked.findIndex(({ best }) => markOf(best.owner) === place.last);
  return at === -1 ? place.offset : at + 1;
}

function otherOrder({ mode }: SearchPlace): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The pages before were found in mode ${mode}, which cannot run just now.`,
    {
      field: "cursor",
      hint: "Try again in a moment, or leave cursor out to start at the first page.",
    },
  );
}

/** A page that goes on with words, because the pages before had to, is told for what it is. */
function wordsOnly(deps: Deps, { mode = "hybrid" }: SearchRequest, { place }: Asked): Degradation | null {
  if (place?.mode !== "text" || mode.trim().toLowerCase() === "text") return null;
  return deps.embedder === undefined ? "embedding_unavailable" : "embedding_warming";
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
  /** Where the page before ended. */
  readonly place: SearchPlace | undefined;
  readonly filter: SearchFilter;
  readonly waitMs: number;
}

function parseRequest(deps: Deps, scope: Scope, request: SearchRequest): Asked {
  const query = request.query.trim();
  if (query === "") {
    throw new KnowledgeError("invalid_input", "The query is empty.", {
      field: "query",
      hint: "Ask in words or as a question, for example: how do we rotate the database credentials?",
    });
  }
  const time = timeContext(deps, request.timezone);
  const mode = request.mode === undefined ? "hybrid" : parseChoice("mode", request.mode, SEARCH_MODES);
  const place = parseSearchCursor(request, scope);
  return {
    query,
    mode: place?.mode ?? mode,
    place,
    limit: parseLimit(request.limit, 10),
    maxTokens: parseWhole("maxTokens", request.maxTokens, {
      min: 50,
      max: 1_000_000,
      otherwise: 1_000_000,
      example: 2_000,
    }),
    filter: {
      kinds: parseChoices("kind", request.kind, KINDS),
      eventTypes: parseChoices("type", request.type, EVENT_TYPES),
      ...parseBounds(
        { field: "after", text: request.after },
        { field: "before", text: request.before },
        time,
      ),
      includeSuperseded: request.includeSuperseded ?? false,
    },
    waitMs: request.waitMs,
  };
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
      degraded: words.degraded === "reading_from_copy" ? words.degraded : embedded.degraded,
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
    degraded: byVector.degraded ?? byWords.degraded,
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
