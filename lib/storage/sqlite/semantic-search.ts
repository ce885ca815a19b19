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
  let count = candidatesFor(request.limit, index.matching(filter));
  for (;;) {
    const candidates = index.scan(request.vector, count, filter);
    const { scored, gone } = rescore(db, { index, candidates, query: request.vector });
    if (gone.length === 0) return { hits: hitsOf(db, scored, request.limit), coverage };
    // What another process deleted leaves the index here; a wider scan, since its neighbours may be gone too.
    for (const vector of gone) index.remove(vector);
    count = Math.min(MAX_CANDIDATES, count * 2);
  }
}

interface Candidates {
  readonly index: VectorIndex;
  readonly candidates: Uint32Array;
  readonly query: Float32Array;
}

function rescore(
  db: Database,
  { index, candidates, query }: Candidates,
): { readonly scored: readonly ScoredChunk[]; readonly gone: readonly number[] } {
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
