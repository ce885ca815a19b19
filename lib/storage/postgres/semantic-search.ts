import { toSql } from "pgvector/pg";
import { roundScore } from "../../ranking/score-candidates.ts";
import type { Hit, VectorHits, VectorSearch } from "../contract/passages.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import { compareHits } from "../neutral/hit-order.ts";
import type { Client, Database } from "./driver.ts";
import { filterValues } from "./filter.ts";
import { hitOf } from "./hits.ts";
import { findSpace } from "./spaces.ts";
import { countByProject } from "./term-frequencies.ts";
import { exactUpTo } from "./vector-indexes.ts";
import { cosineWith } from "./vectors.ts";

/** More than wanted, because the database compares in less precision: near ties are settled by exact scores. */
const MARGIN = 16;

/** Passages nearest to a vector: the database finds them, exact cosines order them. */
export async function searchByVector(
  database: Database,
  mode: VectorIndexMode,
  request: VectorSearch,
): Promise<VectorHits> {
  if (request.projects.length === 0) return { hits: [], coverage: 1 };
  return database.read(async (client) => {
    const space = await findSpace(client, request.space);
    const counts = await countByProject(client, request.projects, space);
    const chunks = counts.reduce((sum, count) => sum + count.chunks, 0);
    const embedded = counts.reduce((sum, count) => sum + count.embedded, 0);
    const coverage = chunks === 0 ? 1 : embedded / chunks;
    if (space === undefined || embedded === 0) return { hits: [], coverage };
    const sizes = counts.filter((count) => count.embedded > 0);
    const hits = await nearest(client, request, { space, sizes, exactUpTo: exactUpTo(mode) });
    return { hits: [...hits].sort(compareHits).slice(0, request.limit), coverage };
  });
}

interface Searched {
  readonly space: number;
  readonly sizes: readonly { readonly project: string; readonly embedded: number }[];
  readonly exactUpTo: number;
}

async function nearest(
  client: Client,
  { vector, space, filter, limit }: VectorSearch,
  searched: Searched,
): Promise<readonly Hit[]> {
  const cosine = cosineWith(vector, space.dimensions);
  const rows = await client.last(
    `SELECT chunk, project, kind, owner, ordinal, date, embedding FROM search_vectors(
       ?::uuid[], ?::bigint[], ?::bigint, ?::bigint, ?::vector, ?::int, ?::text[], ?::text[], ?::boolean,
       ?::timestamptz, ?::timestamptz, ?::int)`,
    searched.sizes.map(({ project }) => project),
    searched.sizes.map(({ embedded }) => embedded),
    searched.exactUpTo,
    searched.space,
    String(toSql(Array.from(vector))),
    space.dimensions,
    ...filterValues(filter),
    limit + MARGIN,
  );
  return rows.map((row) => hitOf(row, roundScore(row[6] instanceof Uint8Array ? cosine(row[6]) : 0)));
}
