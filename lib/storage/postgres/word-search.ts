import { BM25_B, BM25_K1, idf } from "../../ranking/bm25.ts";
import { type CandidatePlan, planCandidates } from "../../ranking/candidates.ts";
import type { WordHits, WordSearch } from "../contract/passages.ts";
import { differentTerms, knownTerms, rarest, type WeighedTerm } from "../neutral/query-terms.ts";
import type { Client, Database } from "./driver.ts";
import { filterValues } from "./filter.ts";
import { hitOf } from "./hits.ts";
import { type QueryStatistics, readStatistics } from "./term-frequencies.ts";

/** Passages by words; candidates and sums are chosen here, found and added up by the function `search_words`. */
export async function searchByWords(database: Database, request: WordSearch): Promise<WordHits> {
  const wanted = differentTerms(request.terms);
  if (request.projects.length === 0 || wanted.length === 0) return { hits: [], known: [], degraded: null };
  return database.read(async (client) => {
    const statistics = await readStatistics(
      client,
      request.projects,
      wanted.map(({ term }) => term),
    );
    const known = knownTerms(wanted, statistics.frequencies);
    const terms = rarest(known);
    const plan = planCandidates(terms);
    return {
      hits: terms.length === 0 ? [] : await find(client, request, { plan, terms, statistics }),
      known: known.map(({ term }) => term),
      degraded: plan.bounded ? "bounded" : null,
    };
  });
}

interface Planned {
  readonly plan: CandidatePlan;
  readonly terms: readonly WeighedTerm[];
  readonly statistics: QueryStatistics;
}

async function find(
  client: Client,
  request: WordSearch,
  { plan, terms, statistics }: Planned,
): Promise<WordHits["hits"]> {
  const partial = plan.read.find(({ limit }) => limit !== undefined);
  const byName = new Map(terms.map((term) => [term.term, term]));
  // The order of addition is part of the result: rarer terms first, as they are read.
  const scored = [...plan.read.map(({ term }) => term), ...plan.unread].flatMap(
    (name) => byName.get(name) ?? [],
  );
  const rows = await client.last(
    `SELECT chunk, project, kind, owner, ordinal, date, score FROM search_words(
       ?::uuid[], ?::text[], ?::text, ?::int, ?::text[], ?::double precision[], ?, ?, ?, ?::text[], ?::text[],
       ?::boolean, ?::timestamptz, ?::timestamptz, ?)`,
    request.projects,
    plan.read.filter(({ limit }) => limit === undefined).map(({ term }) => term),
    partial?.term ?? null,
    partial?.limit ?? null,
    scored.map(({ term }) => term),
    scored.map(({ weight, df }) => weight * idf(df, statistics.chunks) * (BM25_K1 + 1)),
    BM25_K1,
    BM25_B,
    statistics.chunks === 0 ? 0 : statistics.length / statistics.chunks,
    ...filterValues(request.filter),
    request.limit,
  );
  return rows.map((row) => hitOf(row, Number(row[6])));
}
