import type { ProjectId } from "../../domain/ids.ts";
import type { Chunk, Chunks, ChunkVector, SpaceIdentity } from "../contract/passages.ts";
import { requireFitting, uniqueTexts } from "../neutral/fitting-vector.ts";
import { selectChunksByIds, selectChunksOfOwner } from "./chunk-rows.ts";
import type { Database } from "./driver.ts";
import type { PassageParts } from "./passage-parts.ts";
import type { NumberedProject } from "./project-numbers.ts";
import { projectsOf, sealWhenDue } from "./segments.ts";
import { findSpace, giveSpace } from "./spaces.ts";
import type { Sync } from "./sync.ts";
import { copyVector, selectDonors, storeVector } from "./vectors.ts";

/** The facet `chunks` of the storage contract. */
export function openChunks(parts: PassageParts, rebuildIndex: () => void): Sync<Chunks> {
  const { db, immediate } = parts;
  return {
    byIds: (ids) => selectChunksByIds(db, ids),
    ofRow: (project, kind, id) => selectChunksOfOwner(db, { project, kind, id }),
    owed: (projects, space, limit) => owedChunks(parts, projects, { space, limit }),
    putVectors(space, vectors) {
      for (const vector of vectors) requireFitting(space, vector);
      return immediate(() => putVectors(parts, space, vectors));
    },
    coverage: (projects, space) => coverageOf(parts, projects, findSpace(db, space)),
    rebuildIndex,
  };
}

/** Passages of the projects (all when empty) and how many of them have a vector; `space` as its number. */
export function coverageOf(
  { db, numbers, frequencies }: PassageParts,
  projects: readonly ProjectId[],
  space: number | undefined,
): { readonly chunks: number; readonly embedded: number } {
  let chunks = 0;
  let owed = 0;
  for (const { id, number } of numbers.list(projects)) {
    const all = frequencies.chunksOf(id);
    chunks += all;
    owed += space === undefined ? all : countOwed(db, space, number);
  }
  return { chunks, embedded: Math.max(0, chunks - owed) };
}

function owedChunks(
  parts: PassageParts,
  projects: readonly ProjectId[],
  { space, limit }: { readonly space: SpaceIdentity; readonly limit: number },
): readonly Chunk[] {
  const { db, numbers } = parts;
  const list = numbers.list(projects);
  const spaceNo = findSpace(db, space);
  if (spaceNo === undefined) return uniqueTexts(selectChunksByIds(db, oldestChunks(db, list, limit)));
  for (;;) {
    const owed = oldestOwed(db, { spaceNo, list, limit });
    if (!share(parts, spaceNo, owed)) return uniqueTexts(selectChunksByIds(db, owed));
  }
}

/** Gives passages the vectors of equal texts; false when there was nothing to give. */
function share({ db, immediate }: PassageParts, space: number, owed: readonly number[]): boolean {
  if (selectDonors(db, space, owed).length === 0) return false;
  immediate(() => {
    for (const [chunk, vector] of selectDonors(db, space, owed)) copyVector(db, vector, chunk);
  });
  return true;
}

function putVectors(parts: PassageParts, space: SpaceIdentity, vectors: readonly ChunkVector[]): number {
  if (vectors.length === 0) return 0;
  const spaceNo = giveSpace(parts.db, space);
  const stored = vectors.filter((vector) => storeVector(parts.db, spaceNo, vector)).length;
  if (stored > 0) {
    sealWhenDue(parts, { id: spaceNo, dimensions: space.dimensions }, projectsOf(parts.db, vectors));
  }
  return stored;
}

function oldestOwed(
  db: Database,
  where: { readonly spaceNo: number; readonly list: readonly NumberedProject[]; readonly limit: number },
): readonly number[] {
  const select = db.prepare(
    "SELECT chunk_id FROM owed_vectors WHERE space_id = ? AND project_no = ? ORDER BY chunk_id LIMIT ?",
  );
  return oldest(where.list, where.limit, (number) => select.raw(where.spaceNo, number, where.limit));
}

/** In a space without any vectors, every passage is owed one. */
function oldestChunks(db: Database, list: readonly NumberedProject[], limit: number): readonly number[] {
  const select = db.prepare(
    "SELECT id FROM chunks INDEXED BY chunks_facts WHERE project_no = ? ORDER BY id LIMIT ?",
  );
  return oldest(list, limit, (number) => select.raw(number, limit));
}

function oldest(
  list: readonly NumberedProject[],
  limit: number,
  select: (projectNo: number) => readonly (readonly unknown[])[],
): readonly number[] {
  return list
    .flatMap(({ number }) => select(number).map(([id]) => Number(id)))
    .sort((a, b) => a - b)
    .slice(0, limit);
}

function countOwed(db: Database, space: number, projectNo: number): number {
  const row = db
    .prepare("SELECT count(*) AS n FROM owed_vectors WHERE space_id = ? AND project_no = ?")
    .get(space, projectNo);
  return Number(row?.n ?? 0);
}
