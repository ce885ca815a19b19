import type { ProjectId } from "../../domain/ids.ts";
import { inParts } from "../neutral/in-parts.ts";
import type { Client } from "./driver.ts";
import { SCOPE } from "./rows.ts";

/** Reserved names beside the terms, which are all of `[a-z0-9_]`. */
const CHUNKS = "#chunks";
const LENGTH = "#length";

/** A document of millions of characters has tens of thousands: no statement may take long. */
const TERMS_A_STATEMENT = 5_000;

/** Frequencies of a query's terms over the projects searched. */
export interface QueryStatistics {
  /** Passages in the projects. */
  readonly chunks: number;
  /** Sum of their lengths in terms. */
  readonly length: number;
  /** In how many passages each term stands; terms that stand in none are absent. */
  readonly frequencies: ReadonlyMap<string, number>;
}

export interface CountedPassage {
  /** Space-separated. */
  readonly terms: string;
  readonly length: number;
}

/** What a transaction adds to the frequencies of a project; written once, as appended rows (RULES 23). */
export class FrequencyNotes {
  readonly #counts = new Map<string, number>();

  /** Notes that a passage came (+1) or went (−1). */
  passage({ terms, length }: CountedPassage, sign: 1 | -1): void {
    this.#add(CHUNKS, sign);
    this.#add(LENGTH, sign * length);
    if (terms === "") return;
    for (const term of new Set(terms.split(" "))) this.#add(term, sign);
  }

  /** Notes that vectors of a space came or went. */
  vectors(space: number, count: number): void {
    this.#add(vectorsOf(space), count);
  }

  /** Terms and what is added to them. */
  counts(): readonly (readonly [term: string, count: number])[] {
    return [...this.#counts].filter(([, count]) => count !== 0);
  }

  async write(client: Client, project: ProjectId): Promise<void> {
    for (const counts of inParts(this.counts(), TERMS_A_STATEMENT)) {
      await client.run(
        `INSERT INTO term_frequencies (tenant_id, project_id, term, count)
         SELECT ?::uuid, ?::uuid, n.* FROM unnest(?::text[], ?::bigint[]) AS n`,
        client.tenant,
        project,
        counts.map(([term]) => term),
        counts.map(([, count]) => count),
      );
    }
  }

  #add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }
}

export async function readStatistics(
  client: Client,
  projects: readonly ProjectId[],
  terms: readonly string[],
): Promise<QueryStatistics> {
  const rows = await client.rows(
    `SELECT term, sum(count)::bigint FROM term_frequencies
     WHERE tenant_id = ? AND project_id = ANY (?::uuid[]) AND term = ANY (?::text[])
     GROUP BY term HAVING sum(count) > 0`,
    client.tenant,
    projects,
    [CHUNKS, LENGTH, ...terms],
  );
  const totals = new Map(rows.map(([term, count]) => [String(term), Number(count)]));
  const chunks = totals.get(CHUNKS) ?? 0;
  const length = totals.get(LENGTH) ?? 0;
  totals.delete(CHUNKS);
  totals.delete(LENGTH);
  return { chunks, length, frequencies: totals };
}

/** Passages of one project. */
export async function countChunks(client: Client, project: ProjectId): Promise<number> {
  const [row] = await client.rows(
    `SELECT coalesce(sum(count), 0)::bigint FROM term_frequencies WHERE ${SCOPE} AND term = '${CHUNKS}'`,
    client.tenant,
    project,
  );
  return Number(row?.[0]);
}

/** Named one by one, so that the few rows of each are found by index. */
const ALL_PROJECTS = "ARRAY(SELECT id FROM projects WHERE tenant_id = ?)";

/** Passages and vectors of each of the projects (all that can be seen when empty) that has any passages. */
export async function countByProject(
  client: Client,
  projects: readonly ProjectId[],
  space: number | undefined,
): Promise<readonly { readonly project: ProjectId; readonly chunks: number; readonly embedded: number }[]> {
  const vectors = space === undefined ? "" : vectorsOf(space);
  const rows = await client.rows(
    `SELECT project_id, coalesce(sum(count) FILTER (WHERE term = '${CHUNKS}'), 0)::bigint,
       coalesce(sum(count) FILTER (WHERE term = ?), 0)::bigint
     FROM term_frequencies
     WHERE tenant_id = ? AND project_id = ANY (${projects.length === 0 ? ALL_PROJECTS : "?::uuid[]"})
       AND term IN ('${CHUNKS}', ?)
     GROUP BY project_id ORDER BY project_id`,
    ...[vectors, client.tenant, projects.length === 0 ? client.tenant : projects, vectors],
  );
  return rows.map(([project, chunks, embedded]) => ({
    // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
    project: String(project) as ProjectId,
    chunks: Number(chunks),
    embedded: Number(embedded),
  }));
}

/**
 * Sums up the rows of every term of a project that has more than one, or of so many terms; false when another
 * does so now.
 */
export async function foldFrequencies(client: Client, project: ProjectId, most?: number): Promise<boolean> {
  const [lock] = await client.rows(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('aiknowsys fold ' || ?, 0))",
    project,
  );
  if (lock?.[0] !== true) return false;
  await client.run(
    `WITH gone AS (
       DELETE FROM term_frequencies t USING (
         SELECT term FROM term_frequencies WHERE ${SCOPE} GROUP BY term HAVING count(*) > 1 OR sum(count) = 0
         ORDER BY term LIMIT ?
       ) many WHERE t.tenant_id = ? AND t.project_id = ? AND t.term = many.term
       RETURNING t.term, t.count
     )
     INSERT INTO term_frequencies (tenant_id, project_id, term, count)
     SELECT ?::uuid, ?::uuid, term, sum(count) FROM gone GROUP BY term HAVING sum(count) <> 0`,
    client.tenant,
    project,
    most ?? null,
    client.tenant,
    project,
    client.tenant,
    project,
  );
  return true;
}

/** Counts a project's passages and vectors anew. */
export async function recountFrequencies(client: Client, project: ProjectId): Promise<void> {
  await client.run(`DELETE FROM term_frequencies WHERE ${SCOPE}`, client.tenant, project);
  await client.run(
    `INSERT INTO term_frequencies (tenant_id, project_id, term, count) ${TRUE_COUNTS}`,
    ...trueCountValues(client, project),
  );
}

/** How many terms of a project have another sum than its passages give. */
export async function countWrongFrequencies(client: Client, project: ProjectId): Promise<number> {
  const [row] = await client.rows(
    `SELECT count(*) FROM (${TRUE_COUNTS}) due FULL JOIN (
       SELECT term, sum(count) AS count FROM term_frequencies WHERE ${SCOPE} GROUP BY term HAVING sum(count) <> 0
     ) stored USING (term) WHERE due.count IS DISTINCT FROM stored.count`,
    ...trueCountValues(client, project),
    client.tenant,
    project,
  );
  return Number(row?.[0]);
}

const TRUE_COUNTS = `
  WITH mine AS (SELECT tenant_id, project_id, id, terms, length FROM chunks WHERE ${SCOPE})
  SELECT ?::uuid, ?::uuid, term, count FROM (
    SELECT term, count(*) AS count FROM (
      SELECT DISTINCT id, unnest(string_to_array(terms, ' ')) AS term FROM mine
    ) said WHERE term <> '' GROUP BY term
    UNION ALL SELECT '${CHUNKS}', count(*) FROM mine
    UNION ALL SELECT '${LENGTH}', coalesce(sum(length), 0) FROM mine
    UNION ALL SELECT '#vectors ' || space_id, count(*) FROM vectors WHERE ${SCOPE} GROUP BY space_id
  ) counted WHERE count <> 0`;

function trueCountValues(client: Client, project: ProjectId): readonly string[] {
  return [client.tenant, project, client.tenant, project, client.tenant, project];
}

function vectorsOf(space: number): string {
  return `#vectors ${space}`;
}
