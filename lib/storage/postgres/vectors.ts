import { toSql } from "pgvector/pg";
import type { ProjectId } from "../../domain/ids.ts";
import type { ChunkVector } from "../contract/passages.ts";
import { requireNorm } from "../neutral/fitting-vector.ts";
import type { Client } from "./driver.ts";

/** A vector taken from a passage that is about to be replaced. */
export interface KeptVector {
  readonly space: number;
  readonly textHash: string;
  /** As PostgreSQL writes it: the shortest decimals that read back as the same float32 numbers. */
  readonly embedding: string;
}

/** A vector and the project that it was stored in. */
export interface StoredVector {
  readonly project: ProjectId;
  readonly chunk: number;
}

/** The vectors of passages, to be given to their successors of equal text. */
export async function selectVectorsOf(
  client: Client,
  project: ProjectId,
  chunks: readonly number[],
): Promise<readonly KeptVector[]> {
  const rows = await client.rows(
    `SELECT space_id, text_hash, embedding::text FROM vectors
     WHERE tenant_id = ? AND project_id = ? AND chunk_id = ANY (?::bigint[])`,
    client.tenant,
    project,
    chunks,
  );
  return rows.map(([space, textHash, embedding]) => ({
    space: Number(space),
    textHash: String(textHash),
    embedding: String(embedding),
  }));
}

export async function insertVectors(
  client: Client,
  project: ProjectId,
  vectors: readonly (KeptVector & { readonly chunk: number })[],
): Promise<void> {
  await client.run(
    `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
     SELECT ?::uuid, ?::uuid, v.* FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::vector[]) AS v
     ON CONFLICT DO NOTHING`,
    client.tenant,
    project,
    vectors.map(({ chunk }) => chunk),
    vectors.map(({ space }) => space),
    vectors.map(({ textHash }) => textHash),
    vectors.map(({ embedding }) => embedding),
  );
}

/** Stores vectors, but for passages that are gone, say something else by now, or have one. */
export async function storeVectors(
  client: Client,
  space: number,
  vectors: readonly ChunkVector[],
): Promise<readonly StoredVector[]> {
  const rows = await client.rows(
    `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
     SELECT c.tenant_id, c.project_id, c.id, ?::bigint, c.text_hash, v.embedding
     FROM unnest(?::bigint[], ?::text[], ?::vector[]) AS v (chunk, text_hash, embedding)
     JOIN chunks c ON c.id = v.chunk AND c.text_hash = v.text_hash AND c.tenant_id = ?
     ON CONFLICT DO NOTHING RETURNING project_id, chunk_id`,
    space,
    vectors.map(({ chunk }) => chunk),
    vectors.map(({ textHash }) => textHash),
    vectors.map(({ embedding }) => String(toSql(Array.from(embedding)))),
    client.tenant,
  );
  return rows.map(storedOf);
}

/** Gives passages that have no vector in the space those of equal texts. */
export async function shareVectors(
  client: Client,
  space: number,
  chunks: readonly number[],
): Promise<readonly StoredVector[]> {
  const rows = await client.rows(
    `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
     SELECT c.tenant_id, c.project_id, c.id, ?::bigint, c.text_hash, donor.embedding
     FROM chunks c CROSS JOIN LATERAL (
       SELECT v.embedding FROM vectors v
       WHERE v.tenant_id = c.tenant_id AND v.space_id = ? AND v.text_hash = c.text_hash LIMIT 1
     ) donor WHERE c.id = ANY (?::bigint[]) AND c.tenant_id = ?
     ON CONFLICT DO NOTHING RETURNING project_id, chunk_id`,
    space,
    space,
    chunks,
    client.tenant,
  );
  return rows.map(storedOf);
}

/**
 * Cosine of a query with a vector in PostgreSQL's binary form: two 16-bit numbers, then float32, big-endian.
 * In float64, and rounded to float32 as the other engine's scores are, so that both rank alike.
 * @throws KnowledgeError `invalid_input` for a query of other dimensions or without a direction.
 */
export function cosineWith(query: Float32Array, dimensions: number): (sent: Uint8Array) => number {
  const norm = requireNorm(query, dimensions);
  return (sent) => {
    const view = new DataView(sent.buffer, sent.byteOffset, sent.byteLength);
    let dot = 0;
    let square = 0;
    // Some 50,000 numbers a search: counted, because an iterator would make an object of each.
    for (let i = 0; i < query.length; i++) {
      const x = query[i] ?? 0;
      const y = view.getFloat32(4 + 4 * i);
      dot += x * y;
      square += y * y;
    }
    return Math.fround(dot / (norm * Math.sqrt(square)));
  };
}

function storedOf([project, chunk]: readonly unknown[]): StoredVector {
  // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
  return { project: String(project) as ProjectId, chunk: Number(chunk) };
}
