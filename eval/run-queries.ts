import type { SearchMode } from "../lib/domain/search.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { searchKnowledge } from "../lib/knowledge/search.ts";
import type { Dataset } from "./dataset.ts";
import { type LoadedDataset, NO_SCOPE } from "./load-dataset.ts";
import { figuresOf, meanOf, type QueryFigures } from "./metrics.ts";

export interface ModeFigures extends QueryFigures {
  readonly mode: SearchMode;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** One line of a TREC run. */
export interface RunLine {
  readonly query: string;
  readonly document: string;
  readonly rank: number;
  readonly score: number;
}

/** Documents asked for per query: what a run file holds. */
const DEPTH = 100;

/** Asks every judged query in one mode, each in its own scope, through the product's search. */
export async function runQueries(
  deps: Deps,
  set: Dataset,
  loaded: LoadedDataset,
  mode: SearchMode,
): Promise<{ readonly figures: ModeFigures; readonly lines: readonly RunLine[] }> {
  const lines: RunLine[] = [];
  const figures: QueryFigures[] = [];
  const tookMs: number[] = [];
  for (const query of set.queries) {
    const judged = set.judgements.get(query.id);
    const project = loaded.projects.get(query.scope ?? NO_SCOPE);
    if (judged === undefined || project === undefined) continue;
    const started = performance.now();
    const answer = await searchKnowledge(
      deps,
      { project, projects: [project] },
      { query: query.text, mode, limit: DEPTH, waitMs: Number.POSITIVE_INFINITY },
    );
    tookMs.push(performance.now() - started);
    const ranked = answer.results.map(({ id }) => loaded.documents.get(id) ?? id);
    figures.push(figuresOf(ranked, judged));
    lines.push(
      ...answer.results.map(({ score }, index) => ({
        query: query.id,
        document: ranked[index] ?? "",
        rank: index + 1,
        score,
      })),
    );
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { figures: { mode, ...meanOf(figures), p50Ms: at(0.5), p95Ms: at(0.95) }, lines };
}
