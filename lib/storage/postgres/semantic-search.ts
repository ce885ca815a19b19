import { toSql } from "pgvector/pg";
import type { ProjectId } from "../../domain/ids.ts";
import { roundScore } from "../../ranking/score-candidates.ts";
import type { Hit, VectorHits, VectorSearch } from "../contract/passages.ts";
import { compareHits } from "../neutral/hit-order.ts";
import type { Client, Database } from "./driver.ts";
import { filterValues } from "./filter.ts";
import { hitOf } from "./hits.ts";
import { findSpace } from "./spaces.ts";
import { countByProject } from "./term-frequencies.ts";
import { cosineWith } from "./vectors.ts";

/** Up to so many vectors a project is searched exactly. */
const EXACT_UP_TO = 5_000;
/** More than wanted, because the database compares in float32: near ties are settled by exact scores. */
const MARGIN = 16;

/** Passages nearest to a vector: the database finds them, exact cosines order them. */
export async function searchByVector(database: Database, request: VectorSearch): Promise<VectorHits> {
  if (request.projects.length === 0) return { hits: [], coverage: 1 };
  return database.read(async (client) => {
    const space = await findSpace(client, request.space);
    const counts = await countByProject(client, request.projects, space);
    const chunks = counts.reduce((sum, count) => sum + count.chunks, 0);
    const embedded = counts.reduce((sum, count) => sum + count.embedded, 0);
    const coverage = chunks === 0 ? 1 : embedded / chunks;
    if (space === undefined || embedded === 0) return { hits: [], coverage };
    const hits: Hit[] = [];
    for (const { project, embedded: vectors } of counts) {
      if (vectors > 0) hits.push(...(await searchProject(client, request, { project, space, vectors })));
    }
    return { hits: hits.sort(compareHits).slice(0, request.limit), coverage };
  });
}

interface ProjectPart {
  readonly project: ProjectId;
  readonly space: number;
  readonly vectors: number;
}

/** An approximate index that ends before it has found enough under the filter is asked again exactly. */
async function searchProject(
  client: Client,
  request: VectorSearch,
  part: ProjectPart,
): Promise<readonly Hit[]> {
  if (part.vectors <= EXACT_UP_TO) return nearest(client, request, { ...part, exact: true });
  const hits = await nearest(client, request, { ...part, exact: false });
  return hits.length >= request.limit ? hits : nearest(client, request, { ...part, exact: true });
}

async function nearest(
  client: Client,
  { vector, space, filter, limit }: VectorSearch,
  { project, space: spaceNo, exact }: ProjectPart & { readonly exact: boolean },
): Promise<readonly Hit[]> {
  const cosine = cosineWith(vector, space.dimensions);
  const rows = await client.rows(
    `SELECT chunk, ?::uuid, kind, owner, ordinal, date, embedding FROM search_vectors(
       ?::uuid, ?::bigint, ?::vector, ?::int, ?::text[], ?::text[], ?::boolean, ?::timestamptz, ?::timestamptz,
       ?::int, ?::boolean)`,
    project,
    project,
    spaceNo,
    String(toSql(Array.from(vector))),
    space.dimensions,
    ...filterValues(filter),
    limit + MARGIN,
    exact,
  );
  return rows.map((row) => hitOf(row, roundScore(row[6] instanceof Uint8Array ? cosine(row[6]) : 0)));
}
