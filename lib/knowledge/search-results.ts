import type { StoredRow } from "../domain/document.ts";
import type { Kind, ProjectId, RowId } from "../domain/ids.ts";
import type { SearchResult } from "../domain/search.ts";
import { estimateTokens } from "../ranking/budget.ts";
import { makeSnippet } from "../ranking/snippet.ts";
import { analyse, type QueryTerm } from "../ranking/tokens.ts";
import type { Chunk } from "../storage/contract/passages.ts";
import type { Deps } from "./deps.ts";
import { titleOf } from "./public-row.ts";
import type { RankedDocument } from "./rank-documents.ts";
import { rowsByIds } from "./read-back.ts";

/** Ranked documents with all that a reader needs to judge them. */
export async function presentResults(
  deps: Pick<Deps, "storage">,
  ranked: readonly RankedDocument[],
  terms: readonly QueryTerm[],
): Promise<readonly SearchResult[]> {
  const [chunks, rows] = await Promise.all([
    deps.storage.chunks.byIds(ranked.map(({ best }) => best.chunk)),
    rowsOf(deps, ranked),
  ]);
  const chunkById = new Map(chunks.map((chunk) => [chunk.id, chunk]));
  return ranked.flatMap((document): SearchResult[] => {
    const row = rows.get(keyOf(document.best.kind, document.best.owner));
    const chunk = chunkById.get(document.best.chunk);
    // Deleted between ranking and reading: no longer an answer.
    return row === undefined || row.row.deletedAt !== undefined || chunk === undefined
      ? []
      : [present(document, row, chunk, terms)];
  });
}

/** What a result costs in an answer, in estimated tokens. */
export function costOf(result: SearchResult): number {
  return estimateTokens(JSON.stringify(result)) + 1;
}

function present(
  document: RankedDocument,
  found: StoredRow,
  chunk: Chunk,
  terms: readonly QueryTerm[],
): SearchResult {
  const { best, score, similarity, textRank, semanticRank } = document;
  const title = titleOf(found);
  const section = sectionOf(chunk.heading, title);
  const matched = matchedWords(chunk, terms);
  return {
    id: best.owner,
    ref: found.row.ref,
    kind: best.kind,
    project: best.project,
    title,
    ...(section !== undefined && { section }),
    snippet: makeSnippet(
      chunk.text === "" ? chunk.heading : chunk.text,
      terms.map(({ origin }) => origin),
    ),
    score,
    ...(similarity !== undefined && { similarity: Math.round(similarity * 1e4) / 1e4 }),
    date: best.date,
    ...(found.row.author !== undefined && { author: found.row.author }),
    why: {
      ...(textRank !== undefined && { text: textRank }),
      ...(semanticRank !== undefined && { semantic: semanticRank }),
      ...(matched.length > 0 && { terms: matched }),
    },
  };
}

/** The heading path without the title that it begins with. */
function sectionOf(heading: string, title: string): string | undefined {
  if (heading === title) return undefined;
  const section = heading.startsWith(`${title} › `) ? heading.slice(title.length + 3) : heading;
  return section === "" ? undefined : section;
}

/** The query's words that the passage holds, in the query's order, each once. */
function matchedWords(chunk: Chunk, terms: readonly QueryTerm[]): readonly string[] {
  const held = new Set(analyse(`${chunk.heading}\n${chunk.text}`));
  return [...new Set(terms.filter(({ term }) => held.has(term)).map(({ origin }) => origin))].slice(0, 12);
}

async function rowsOf(
  deps: Pick<Deps, "storage">,
  ranked: readonly RankedDocument[],
): Promise<ReadonlyMap<string, StoredRow>> {
  const groups = new Map<
    string,
    { readonly project: ProjectId; readonly kind: Kind; readonly ids: RowId[] }
  >();
  for (const { best } of ranked) {
    const key = `${best.project}:${best.kind}`;
    const group = groups.get(key) ?? { project: best.project, kind: best.kind, ids: [] };
    group.ids.push(best.owner);
    groups.set(key, group);
  }
  const rows = await Promise.all(
    [...groups.values()].map(({ project, kind, ids }) => rowsByIds(deps, project, kind, ids)),
  );
  return new Map(rows.flat().map((found) => [keyOf(found.kind, found.row.id), found]));
}

function keyOf(kind: Kind, id: RowId): string {
  return `${kind}:${id}`;
}
