import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { ChunkVector } from "../contract/passages.ts";
import type { Database } from "./driver.ts";
import { DATE_MS_SQL, KIND_SQL, TYPE_SQL } from "./passage-marks.ts";
import type { PassageParts } from "./passage-parts.ts";
import type { NumberedProject } from "./project-numbers.ts";
import { selectSpaces } from "./spaces.ts";
import { VectorIndex } from "./vector-index.ts";
import { bytesOf, countVectors, floatsOf } from "./vectors.ts";

/** The vectors of one project in one space. */
export interface VectorPlace {
  readonly space: number;
  readonly dimensions: number;
  readonly project: NumberedProject;
}

/** Vectors that a start may have to code by itself: about 30 ms. */
const SEAL_AT = 4_096;
/** What a janitor seals already. */
const SEAL_IDLE_AT = 256;
const SEGMENT_VECTORS = 16_384;

/** Seals the projects among these whose unsealed vectors have become many. Inside a transaction. */
export function sealWhenDue(
  { db, numbers }: PassageParts,
  space: { readonly id: number; readonly dimensions: number },
  projects: readonly ProjectId[],
): void {
  for (const project of projects.length === 0 ? [] : numbers.list(projects)) {
    const place = { space: space.id, dimensions: space.dimensions, project };
    if (countUnsealed(db, place, SEAL_AT) === SEAL_AT) sealNext(db, place);
  }
}

/** Seals what is unsealed everywhere, and anew where deleted vectors fill the segments; a transaction a segment. */
export function sealAll({ db, immediate, numbers }: PassageParts): void {
  for (const { id, dimensions } of selectSpaces(db)) {
    for (const project of numbers.list([])) {
      const place = { space: id, dimensions, project };
      if (isWorn(db, place)) immediate(() => dropSegments(db, place));
      while (countUnsealed(db, place, SEAL_IDLE_AT) === SEAL_IDLE_AT) immediate(() => sealNext(db, place));
    }
  }
}

/** Adds the newest vectors of a place, those after `after`, to an index; returns the last id read. */
export function addVectors(
  db: Database,
  place: VectorPlace,
  range: { readonly index: VectorIndex; readonly after: number; readonly limit: number },
): { readonly lastId: number; readonly read: number } {
  const { space, project } = place;
  const select = db.prepare(
    `SELECT v.id, v.embedding, ${KIND_SQL}, ${TYPE_SQL}, hidden, ${DATE_MS_SQL}
     FROM vectors v INDEXED BY vectors_space
     CROSS JOIN chunks c INDEXED BY chunks_facts ON c.project_no = ? AND c.id = v.chunk_id
     WHERE v.tenant_id = ? AND v.project_id = ? AND v.space_id = ? AND v.id > ? ORDER BY v.id LIMIT ?`,
  );
  const rows = select.raw(project.number, DEFAULT_TENANT, project.id, space, range.after, range.limit);
  for (const [id, embedding, kind, type, state, atMs] of rows) {
    const vector = floatsOf(bytesOf(embedding));
    // A damaged vector is not found; `check` names it.
    if (!isUsable(vector, place.dimensions)) continue;
    const slot = { id: Number(id), project: project.number, kind: Number(kind), type: Number(type) };
    range.index.add({ ...slot, state: Number(state), atMs: Number(atMs) }, range.index.encode(vector));
  }
  return { lastId: Number(rows.at(-1)?.[0] ?? range.after), read: rows.length };
}

/** The sealed codes of a place, oldest first. */
export function selectSegments(
  db: Database,
  { space, project }: VectorPlace,
): readonly { readonly lastId: number; readonly body: Uint8Array }[] {
  return db
    .prepare(
      "SELECT last_id, body FROM vector_segments WHERE space_id = ? AND project_no = ? ORDER BY last_id",
    )
    .raw(space, project.number)
    .map(([lastId, body]) => ({ lastId: Number(lastId), body: bytesOf(body) }));
}

function sealNext(db: Database, place: VectorPlace): void {
  const index = new VectorIndex({ dimensions: place.dimensions, capacity: SEGMENT_VECTORS });
  const after = sealedUpTo(db, place);
  const { lastId } = addVectors(db, place, { index, after, limit: SEGMENT_VECTORS });
  if (lastId === after) return;
  db.prepare(
    "INSERT INTO vector_segments (space_id, project_no, last_id, vectors, body) VALUES (?, ?, ?, ?, ?)",
  ).run(place.space, place.project.number, lastId, index.size, index.sealSegment(0, index.size));
}

function dropSegments(db: Database, { space, project }: VectorPlace): void {
  db.prepare("DELETE FROM vector_segments WHERE space_id = ? AND project_no = ?").run(space, project.number);
}

function sealedUpTo(db: Database, { space, project }: VectorPlace): number {
  const row = db
    .prepare("SELECT max(last_id) AS last FROM vector_segments WHERE space_id = ? AND project_no = ?")
    .get(space, project.number);
  return Number(row?.last ?? 0);
}

/** Counts no further than `most`. */
function countUnsealed(db: Database, place: VectorPlace, most: number): number {
  const row = db
    .prepare(
      `SELECT count(*) AS n FROM (
         SELECT 1 FROM vectors INDEXED BY vectors_space
         WHERE tenant_id = ? AND project_id = ? AND space_id = ? AND id > ? LIMIT ?
       )`,
    )
    .get(DEFAULT_TENANT, place.project.id, place.space, sealedUpTo(db, place), most);
  return Number(row?.n ?? 0);
}

/** True when a fifth of what segments hold is deleted by now. */
function isWorn(db: Database, place: VectorPlace): boolean {
  const row = db
    .prepare("SELECT sum(vectors) AS n FROM vector_segments WHERE space_id = ? AND project_no = ?")
    .get(place.space, place.project.number);
  const sealed = Number(row?.n ?? 0);
  return sealed > SEAL_IDLE_AT && sealed > 1.25 * countVectors(db, place.space, place.project.id);
}

/** The projects whose passages vectors belong to. */
export function projectsOf(db: Database, vectors: readonly ChunkVector[]): readonly ProjectId[] {
  const chunks = JSON.stringify(vectors.map(({ chunk }) => chunk));
  const rows = db
    .prepare("SELECT DISTINCT c.project_id FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value")
    .raw(chunks);
  // SAFETY: the column holds ids of projects, by its foreign key.
  return rows.map(([id]) => id as ProjectId);
}

function isUsable(vector: Float32Array, dimensions: number): boolean {
  return (
    vector.length === dimensions && vector.every(Number.isFinite) && vector.some((number) => number !== 0)
  );
}
