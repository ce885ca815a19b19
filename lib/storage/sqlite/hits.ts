import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Hit } from "../contract/passages.ts";
import { compareHits } from "../neutral/hit-order.ts";
import type { Database, RawRow } from "./driver.ts";

export interface ScoredChunk {
  readonly chunk: number;
  readonly score: number;
}

/** The best `limit` of scored passages as hits in their final order; passages without a row are left out. */
export function hitsOf(db: Database, scored: readonly ScoredChunk[], limit: number): readonly Hit[] {
  const scores = new Map(bestWithTies(scored, limit).map(({ chunk, score }) => [chunk, score]));
  return db
    .prepare(
      `SELECT c.id, c.project_id, c.kind, c.owner_id, c.ordinal, c.date
       FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value`,
    )
    .raw(JSON.stringify([...scores.keys()]))
    .map((row) => hitOf(row, scores))
    .sort(compareHits)
    .slice(0, limit);
}

/** The best `limit` and all that equal the last of them: which of those come first only their rows can tell. */
function bestWithTies(scored: readonly ScoredChunk[], limit: number): readonly ScoredChunk[] {
  if (scored.length <= limit) return scored;
  const sorted = [...scored].sort((a, b) => b.score - a.score);
  const last = sorted[limit - 1]?.score ?? Number.POSITIVE_INFINITY;
  return sorted.filter(({ score }) => score >= last);
}

function hitOf([id, project, kind, owner, ordinal, date]: RawRow, scores: ReadonlyMap<number, number>): Hit {
  // SAFETY: the columns hold what the table's constraints allow.
  return {
    chunk: Number(id),
    project: project as ProjectId,
    kind: kind as Kind,
    owner: owner as RowId,
    ordinal: Number(ordinal),
    date: String(date),
    score: scores.get(Number(id)) ?? 0,
  };
}
