import type { SearchMode } from "../../lib/domain/search.ts";
import { queryEvents } from "../../lib/knowledge/query.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import type { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { type Measurement, percentiles, residentMb, timed } from "../measure.ts";
import type { BenchDatabase } from "./database.ts";
import { costOfIsolation } from "./statements.ts";
import type { BenchTenant } from "./tenants.ts";

/** One way to use the store, as one tenant. */
export interface Use {
  readonly name: string;
  readonly tenant: BenchTenant;
  /** `all` of the tenant's projects, or the largest. */
  readonly over: "all" | "largest";
  readonly limit: number;
  readonly kind: "query" | SearchMode;
}

const QUESTIONS = 100;
/** Tenants with a tenth, a hundredth and a thousandth of all events. */
const MEASURED = ["tenth", "hundredth", "thousandth"];

/** Names of the uses. */
export const USES = ["query-events", "search-text", "search-semantic", "search-hybrid", "cross-project"];

/** What is asked of the filled database. */
export function usesOf({ tenants }: BenchDatabase): readonly Use[] {
  const measured = MEASURED.flatMap((name) => tenants.filter((tenant) => tenant.name === name));
  const each = measured.flatMap((tenant): readonly Use[] => [
    { name: "query-events", tenant, over: "largest", limit: 20, kind: "query" },
    { name: "search-text", tenant, over: "largest", limit: 20, kind: "text" },
    { name: "search-semantic", tenant, over: "largest", limit: 20, kind: "semantic" },
    { name: "search-hybrid", tenant, over: "largest", limit: 20, kind: "hybrid" },
  ]);
  const across = measured.slice(0, 1).map((tenant): Use => {
    return { name: "cross-project", tenant, over: "all", limit: 20, kind: "hybrid" };
  });
  return [...each, ...across];
}

/** Times one use through the product. Questions are embedded before, so that the store alone is timed. */
export async function measureUse(
  database: BenchDatabase,
  use: Use,
  { exact }: { readonly exact: PostgresStorage },
): Promise<Measurement> {
  const questions = Array.from({ length: QUESTIONS }, (_, i) => database.question(2 + (i % 5)));
  if (use.kind === "semantic" || use.kind === "hybrid")
    for (const question of questions) await database.embedder.embed([question], { purpose: "query" });
  const ask = asking(database, use);
  await timed(10, (i) => ask(questions[i] ?? ""));
  const tookMs = await timed(QUESTIONS, (i) => ask(questions[i] ?? ""));
  database.log.start();
  await ask(questions[0] ?? "");
  const cost = await costOfIsolation(database.url, database.log.stop());
  const recall = use.kind === "semantic" ? await recallOf(database, use, { questions, exact }) : undefined;
  return {
    operation: `${use.name} ${use.tenant.name}`,
    engine: "postgres",
    events: database.events,
    ...percentiles(tookMs),
    ...(recall !== undefined && { recall }),
    rssMb: residentMb(),
    note: cost.note,
    plans: cost.plans,
  };
}

function asking(database: BenchDatabase, { tenant, over, limit, kind }: Use) {
  const deps = database.depsOf(tenant);
  const projects = tenant.projects.slice(0, over === "all" ? undefined : 1).map(({ project }) => project);
  const scope = { project: undefined, projects };
  return (query: string): Promise<unknown> =>
    kind === "query"
      ? queryEvents(deps, scope, { type: "decision_made", limit })
      : searchKnowledge(deps, scope, { query, mode: kind, limit, waitMs: Number.POSITIVE_INFINITY });
}

/** Share of the exact ten nearest that are found with the default settings. */
async function recallOf(
  database: BenchDatabase,
  { tenant, over }: Pick<Use, "tenant" | "over">,
  { questions, exact }: { readonly questions: readonly string[]; readonly exact: PostgresStorage },
): Promise<number> {
  const projects = tenant.projects.slice(0, over === "all" ? undefined : 1).map(({ project }) => project.id);
  const vectors = await database.embedder.embed(questions);
  const { space } = database.embedder;
  let found = 0;
  let due = 0;
  for (const vector of vectors) {
    const request = { projects, space, vector, filter: {}, limit: 10 };
    const best = await exact.granted({ tenant: tenant.id, projects: "all" }).search.byVector(request);
    const near = await database.storage
      .granted({ tenant: tenant.id, projects: "all" })
      .search.byVector(request);
    const ids = new Set(near.hits.map(({ chunk }) => chunk));
    due += best.hits.length;
    found += best.hits.filter(({ chunk }) => ids.has(chunk)).length;
  }
  return due === 0 ? 1 : found / due;
}
