import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { ChunkVector } from "../contract/passages.ts";
import type { Database } from "./driver.ts";

/** A vector taken from a passage that is about to be replaced. */
export interface KeptVector {
  readonly space: number;
  readonly textHash: string;
  readonly embedding: Uint8Array;
}

/** The vectors of passages, to be given to their successors of equal text. */
export function selectVectorsOf(
  db: Database,
  project: ProjectId,
  chunks: readonly number[],
): readonly KeptVector[] {
  const rows = db
    .prepare(
      `SELECT v.space_id, v.text_hash, v.embedding FROM json_each(?) j CROSS JOIN vectors v
       ON v.tenant_id = ? AND v.project_id = ? AND v.chunk_id = j.value`,
    )
    .raw(JSON.stringify(chunks), DEFAULT_TENANT, project);
  return rows.map(([space, textHash, embedding]) => ({
    space: Number(space),
    textHash: String(textHash),
    embedding: bytesOf(embedding),
  }));
}

export function insertVector(db: Database, project: ProjectId, chunk: number, vector: KeptVector): void {
  db.prepare(
    `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, project_id, chunk_id, space_id) DO NOTHING`,
  ).run(DEFAULT_TENANT, project, chunk, vector.space, vector.textHash, vector.embedding);
}

/** Stores the vector unless the passage is gone, says something else by now, or has one; true when stored. */
export function storeVector(db: Database, space: number, vector: ChunkVector): boolean {
  const { changes } = db
    .prepare(
      `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
       SELECT tenant_id, project_id, id, ?, text_hash, ? FROM chunks WHERE id = ? AND text_hash = ?
       ON CONFLICT (tenant_id, project_id, chunk_id, space_id) DO NOTHING`,
    )
    .run(space, littleEndian(vector.embedding), vector.chunk, vector.textHash);
  return changes > 0;
}

/** For passages of equal text that have none, the vectors that others have: passage and vector to copy. */
export function selectDonors(
  db: Database,
  space: number,
  chunks: readonly number[],
): readonly (readonly [chunk: number, vector: number])[] {
  const rows = db
    .prepare(
      `SELECT c.id, (
         SELECT v.id FROM vectors v
         WHERE v.tenant_id = c.tenant_id AND v.space_id = ? AND v.text_hash = c.text_hash LIMIT 1
       ) AS donor
       FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value WHERE donor IS NOT NULL`,
    )
    .raw(space, JSON.stringify(chunks));
  return rows.map(([chunk, vector]) => [Number(chunk), Number(vector)] as const);
}

export function copyVector(db: Database, vector: number, chunk: number): void {
  db.prepare(
    `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
     SELECT c.tenant_id, c.project_id, c.id, v.space_id, v.text_hash, v.embedding
     FROM chunks c, vectors v WHERE c.id = ? AND v.id = ? AND v.text_hash = c.text_hash
     ON CONFLICT (tenant_id, project_id, chunk_id, space_id) DO NOTHING`,
  ).run(chunk, vector);
}

/** How many vectors a project has in a space. */
export function countVectors(db: Database, space: number, project: ProjectId): number {
  const row = db
    .prepare("SELECT count(*) AS n FROM vectors WHERE tenant_id = ? AND project_id = ? AND space_id = ?")
    .get(DEFAULT_TENANT, project, space);
  return Number(row?.n ?? 0);
}

/** A BLOB column's bytes; an absent one reads as empty, which no vector is. */
export function bytesOf(value: string | number | null | Uint8Array | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}

/** Float32 numbers of a BLOB, whatever its alignment. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength >> 2 }, (_, i) => view.getFloat32(i * 4, true));
}

function littleEndian(vector: Float32Array): Uint8Array {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) {
    return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  }
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((number, i) => {
    view.setFloat32(i * 4, number, true);
  });
  return bytes;
}
