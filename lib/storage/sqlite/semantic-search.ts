import { roundScore } from "../../ranking/score-candidates.ts";
import type { VectorHits, VectorSearch } from "../contract/passages.ts";
import { coverageOf } from "./chunks.ts";
import type { CodeCache } from "./code-cache.ts";
import type { Database } from "./driver.ts";
import { hitsOf, type ScoredChunk } from "./hits.ts";
import { markFilterOf } from "./passage-marks.ts";
import type { PassageParts } from "./passage-parts.ts";
import { findSpace } from "./spaces.ts";
import { candidatesFor } from "./vector-candidates.ts";
import type { VectorIndex } from "./vector-index.ts";
import { MAX_CANDIDATES } from "./vector-layout.ts";
import { bytesOf } from "./vectors.ts";

/** Rounds of rescoring at the most: a crowded neighbourhood costs so many times a plain one. */
const MOST_ROUNDS = 12;

/** Passages nearest to a vector: candidates by their codes, the order by exact cosine from the rows. */
export function searchByVector(parts: PassageParts, codes: CodeCache, request: VectorSearch): VectorHits {
  const { db, numbers } = parts;
  const projects = request.projects.length === 0 ? [] : numbers.list(request.projects);
  if (projects.length === 0) return { hits: [], coverage: 1 };
  const id = findSpace(db, request.space);
  const { chunks, embedded } = coverageOf(parts, request.projects, id);
  const coverage = chunks === 0 ? 1 : embedded / chunks;
  if (id === undefined || embedded === 0) return { hits: [], coverage };
  const space = { id, dimensions: request.space.dimensions };
  const filter = { ...markFilterOf(request.filter), projects: projects.map(({ number }) => number) };
  const index = codes.current(space, projects);
  let size = candidatesFor(request.limit, index.matching(filter));
  for (;;) {
    const candidates = index.scan(request.vector, Math.min(MAX_CANDIDATES, size * MOST_ROUNDS), filter);
    const { scored, gone } = rescoreInRounds(
      db,
      { index, candidates, query: request.vector },
      size,
      request.limit,
    );
    if (gone.length === 0) return { hits: hitsOf(db, scored, request.limit), coverage };
    // What another process deleted leaves the index here; a wider scan, since its neighbours may be gone too.
    for (const vector of gone) index.remove(vector);
    size = Math.min(MAX_CANDIDATES, size * 2);
  }
}

/**
 * Rescores candidates, best codes first, a round at a time, until a round brings nothing new among the first:
 * where neighbours lie so close together that one bit a dimension cannot tell them apart, it goes on.
 */
function rescoreInRounds(
  db: Database,
  { index, candidates, query }: Candidates,
  size: number,
  limit: number,
): Rescored {
  const watched = Math.max(10, Math.ceil(limit / 10));
  let scored: readonly ScoredChunk[] = [];
  let worstWatched = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < candidates.length; start += size) {
    const round = rescore(db, { index, candidates: candidates.subarray(start, start + size), query });
    if (round.gone.length > 0) return round;
    scored = [...scored, ...round.scored];
    if (start > 0 && !round.scored.some(({ score }) => score > worstWatched)) break;
    worstWatched = scored.map(({ score }) => score).sort((a, b) => b - a)[watched - 1] ?? worstWatched;
  }
  return { scored, gone: [] };
}

interface Rescored {
  readonly scored: readonly ScoredChunk[];
  /** Vectors whose rows are no more. */
  readonly gone: readonly number[];
}

interface Candidates {
  readonly index: VectorIndex;
  readonly candidates: Uint32Array;
  readonly query: Float32Array;
}

function rescore(db: Database, { index, candidates, query }: Candidates): Rescored {
  const rows = db
    .prepare(
      `SELECT v.id, v.chunk_id, v.embedding FROM json_each(?) j CROSS JOIN vectors v ON v.id = j.value`,
    )
    .raw(JSON.stringify(Array.from(candidates)));
  const cosines = index.rescore(
    query,
    rows.map(([, , embedding]) => bytesOf(embedding)),
  );
  const scored = rows.map(([, chunk], i) => ({ chunk: Number(chunk), score: roundScore(cosines[i] ?? 0) }));
  if (rows.length === candidates.length) return { scored, gone: [] };
  const found = new Set(rows.map(([id]) => Number(id)));
  return { scored, gone: Array.from(candidates).filter((id) => !found.has(id)) };
}
