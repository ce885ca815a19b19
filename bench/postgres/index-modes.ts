import type { VectorIndexMode } from "../../lib/storage/contract/vector-index.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { type Measurement, percentiles } from "../measure.ts";
import type { BenchDatabase } from "./database.ts";

/** Search by meaning in each of many projects of very unequal size. */
export const ISOLATED_SEARCH = "ann-isolation";

const MODES: readonly VectorIndexMode[] = ["auto", "ivfflat", "hnsw"];
const QUESTIONS = 20;
const WANTED = 10;

/** Asks every project for its ten nearest under each kind of index, beside exact search of the same questions. */
export async function measureModes(database: BenchDatabase, add: (line: Measurement) => void): Promise<void> {
  const questions = Array.from({ length: QUESTIONS }, (_, i) => database.question(2 + (i % 5)));
  const vectors = await database.embedder.embed(questions);
  const exact = await askEach(database, "exact", vectors);
  add({ ...lineOf(database, "exact", exact), recall: 1, note: fullness(exact) });
  for (const mode of MODES) {
    const found = await askEach(database, mode, vectors);
    const recalls = recallByProject(exact, found);
    const whole = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
    const note = `worst project ${Math.min(...recalls).toFixed(3)}; ${fullness(found)}`;
    add({ ...lineOf(database, mode, found), recall: whole, note });
  }
}

/** Answers to every question in every project. */
interface Answers {
  readonly tookMs: readonly number[];
  /** Passages by project, then by question. */
  readonly found: readonly (readonly (readonly number[])[])[];
}

async function askEach(
  { url, tenants, embedder }: BenchDatabase,
  vectorIndex: VectorIndexMode,
  vectors: readonly Float32Array[],
): Promise<Answers> {
  const store = await PostgresStorage.open({ url, vectorIndex, migrate: true });
  const tookMs: number[] = [];
  const found: number[][][] = [];
  try {
    for (const { id, projects } of tenants) {
      const own = store.granted({ tenant: id, projects: "all" });
      for (const { project } of projects) {
        const answers: number[][] = [];
        for (const vector of vectors) {
          const started = performance.now();
          const request = {
            projects: [project.id],
            space: embedder.space,
            vector,
            filter: {},
            limit: WANTED,
          };
          const { hits } = await own.search.byVector(request);
          tookMs.push(performance.now() - started);
          answers.push(hits.map(({ chunk }) => chunk));
        }
        found.push(answers);
      }
    }
  } finally {
    await store.close();
  }
  return { tookMs, found };
}

function recallByProject(exact: Answers, near: Answers): readonly number[] {
  return exact.found.map((answers, project) => {
    const shares = answers.map((best, question) => {
      const ids = new Set(near.found[project]?.[question]);
      return best.filter((chunk) => ids.has(chunk)).length / best.length;
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  });
}

function fullness({ found }: Answers): string {
  const full = found.filter((answers) => answers.every((ids) => ids.length === WANTED)).length;
  return `${full} of ${found.length} projects answer with ${WANTED}`;
}

function lineOf({ events }: BenchDatabase, mode: VectorIndexMode, { tookMs }: Answers): Measurement {
  return { operation: `${ISOLATED_SEARCH} ${mode}`, engine: "postgres", events, ...percentiles(tookMs) };
}
