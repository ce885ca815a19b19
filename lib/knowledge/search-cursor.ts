import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";
import { type RowId, sha256 } from "../domain/ids.ts";
import type { SearchAnswer, SearchMode, SearchResult } from "../domain/search.ts";
import type { Scope } from "./deps.ts";
import type { SearchRequest } from "./search-request.ts";

/** Where the next page of a search begins. */
export interface SearchPlace {
  /** Results that came before. */
  readonly offset: number;
  /** What ran for the pages before: another mode would order the results anew. */
  readonly mode: SearchMode;
  /** {@link markOf} the last result that was shown. */
  readonly last: string;
}

const MODES: Readonly<Record<string, SearchMode>> = { h: "hybrid", s: "semantic", t: "text" };
const CURSOR = /^s(\d{1,4})([hst])\.([0-9a-f]{6})\.([0-9a-f]{8})$/;

/** The cursor behind a result, bound to the query, its mode and filters and the projects that are searched. */
export function renderSearchCursor(request: SearchRequest, scope: Scope, place: SearchPlace): string {
  return `s${place.offset}${place.mode.charAt(0)}.${place.last}.${bindingOf(request, scope)}`;
}

/**
 * The place in a cursor; `undefined` without one.
 * @throws KnowledgeError `invalid_input` for text that no search gave, and for the cursor of another search.
 */
export function parseSearchCursor(request: SearchRequest, scope: Scope): SearchPlace | undefined {
  if (request.cursor === undefined) return undefined;
  const [, offset, letter = "", last = "", binding] = CURSOR.exec(request.cursor) ?? [];
  const mode = MODES[letter];
  if (offset === undefined || mode === undefined) throw refused("The cursor is not one that search gave.");
  if (binding !== bindingOf(request, scope)) throw refused("The cursor belongs to another search.");
  return { offset: Number(offset), mode, last };
}

/** The cursor behind one of an answer's results, for a door that shows fewer of them. */
export function cursorBehind(
  request: SearchRequest,
  scope: Scope,
  { answer, result }: { readonly answer: SearchAnswer; readonly result: SearchResult },
): string {
  const before = parseSearchCursor(request, scope)?.offset ?? 0;
  const offset = before + answer.results.indexOf(result) + 1;
  return renderSearchCursor(request, scope, { offset, mode: answer.mode, last: markOf(result.id) });
}

/** How a cursor names a result: by some digits of its id's hash. */
export function markOf(id: RowId): string {
  return sha256(id).slice(0, 6);
}

/** A hash of all that decides which results there are and in which order; words about dates as they were given. */
function bindingOf(request: SearchRequest, scope: Scope): string {
  const { query, mode, kind, type, after, before, includeSuperseded, timezone } = request;
  const projects = scope.projects.map(({ id }) => id).sort();
  const bound = { query: query.trim(), mode, kind, type, after, before, projects };
  const dated = after === undefined && before === undefined ? {} : { timezone };
  return sha256(canonicalJson({ ...bound, ...dated, hidden: includeSuperseded ?? false })).slice(0, 8);
}

function refused(message: string): KnowledgeError {
  return new KnowledgeError("invalid_input", message, {
    field: "cursor",
    hint: "Repeat the same search with the cursor that it gave, or leave cursor out to start at the first page.",
  });
}
