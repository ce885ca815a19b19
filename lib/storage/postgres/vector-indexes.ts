import type { Finding } from "../contract/upkeep.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import type { Client } from "./driver.ts";
import { SCHEMA } from "./roles.ts";

/** Partitions of `vectors`, by project. */
const PARTS = 16;
/** pgvector's `halfvec` is indexed up to so many dimensions. */
const MOST_DIMENSIONS = 4_000;
/** Comparing so many vectors with a query takes about as long as asking an index does (7 ms). */
const ENOUGH = 5_000;
/** Where a kind of index is asked for by name, it serves smaller projects too. */
const ENOUGH_WHEN_FORCED = 1_000;
/** pgvector's defaults; recall@10 of 0.97 and more with what `search_vectors` asks for. */
const HNSW = "m = 16, ef_construction = 64";

/** An approximate index that some partition should have for a space of vectors. */
export interface DueIndex {
  readonly name: string;
  readonly part: number;
  readonly space: number;
  readonly dimensions: number;
  readonly rows: number;
  readonly method: "hnsw" | "ivfflat";
  readonly options: string;
}

export interface IndexPlan {
  /** To be built, largest first. */
  readonly build: readonly DueIndex[];
  /** Names of those that a build left unfinished: to be dropped first. */
  readonly broken: readonly string[];
  /** Names of those that serve no search: of another mode, too small by now, or of a space that is gone. */
  readonly spent: readonly string[];
}

/** Up to so many vectors of one partition are compared with a query one by one. */
export function exactUpTo(mode: VectorIndexMode): number {
  if (mode === "exact") return Number.MAX_SAFE_INTEGER;
  return mode === "auto" ? ENOUGH : ENOUGH_WHEN_FORCED;
}

/** What the mode asks for and what stands, as far as the client's role sees spaces; `everywhere` when it sees all. */
export async function planIndexes(
  client: Client,
  mode: VectorIndexMode,
  everywhere: boolean,
): Promise<IndexPlan> {
  const parts = mode === "exact" ? [] : await selectParts(client, exactUpTo(mode));
  const wanted = parts.map((part) => dueIndex(part, mode === "ivfflat" ? "ivfflat" : "hnsw"));
  const spaces = new Set((await client.rows("SELECT id FROM spaces")).map(([id]) => Number(id)));
  const standing = (await selectStanding(client)).filter(({ space }) => everywhere || spaces.has(space));
  const whole = standing.filter(({ valid }) => valid);
  return {
    build: wanted.filter((due) => !whole.some((index) => serves(index, due))).sort((x, y) => y.rows - x.rows),
    broken: standing.filter(({ valid }) => !valid).map(({ name }) => name),
    spent: whole.filter((index) => !wanted.some((due) => serves(index, due))).map(({ name }) => name),
  };
}

/** One finding when an index is due, or one could go. */
export function indexFindings({ build, broken, spent }: IndexPlan): readonly Finding[] {
  const finding = (what: string): readonly Finding[] => [
    {
      severity: "warning",
      what,
      advice: "Run `aiknowsys doctor --fix` with the login that owns the schema.",
    },
  ];
  if (build.length > 0) {
    const rows = build.reduce((sum, due) => sum + due.rows, 0);
    const count = build.length === 1 ? "A vector index is" : `${build.length} vector indexes are`;
    return finding(
      `${count} due over ${rows} vectors: until then search by meaning compares them one by one.`,
    );
  }
  const idle = broken.length + spent.length;
  const count = idle === 1 ? "A vector index serves" : `${idle} vector indexes serve`;
  return idle === 0 ? [] : finding(`${count} no search.`);
}

interface Part {
  readonly part: number;
  readonly space: number;
  readonly dimensions: number;
  readonly rows: number;
}

/** Partitions with more vectors of a space than that, by the counters: nothing is scanned. */
async function selectParts(client: Client, moreThan: number): Promise<readonly Part[]> {
  const rows = await client.rows(
    `SELECT part, space, dimensions, sum(count)::bigint FROM (
       SELECT p.id AS project, s.id AS space, s.dimensions, (
         SELECT coalesce(sum(t.count), 0) FROM term_frequencies t
         WHERE t.tenant_id = p.tenant_id AND t.project_id = p.id AND t.term = '#vectors ' || s.id
       ) AS count FROM projects p JOIN spaces s USING (tenant_id) WHERE s.dimensions <= ${MOST_DIMENSIONS}
     ) counted
     JOIN generate_series(0, ${PARTS - 1}) part
       ON count > 0 AND satisfies_hash_partition('${SCHEMA}.vectors'::regclass, ${PARTS}, part, project)
     GROUP BY part, space, dimensions HAVING sum(count) > ? ORDER BY space, part`,
    moreThan,
  );
  return rows.map(([part, space, dimensions, count]) => ({
    part: Number(part),
    space: Number(space),
    dimensions: Number(dimensions),
    rows: Number(count),
  }));
}

function dueIndex({ part, space, dimensions, rows }: Part, method: DueIndex["method"]): DueIndex {
  const lists = Math.round(Math.sqrt(rows));
  const options = method === "hnsw" ? HNSW : `lists = ${lists}`;
  const suffix = method === "hnsw" ? "" : `_${lists}`;
  const name = `vectors_space_${space}_part_${String(part).padStart(2, "0")}_${method}${suffix}`;
  return { name, part, space, dimensions, rows, method, options };
}

interface StandingIndex {
  readonly name: string;
  readonly space: number;
  readonly part: number;
  readonly method: string;
  /** Of IVFFlat. */
  readonly lists: number;
  /** False when its build was broken off. */
  readonly valid: boolean;
}

async function selectStanding(client: Client): Promise<readonly StandingIndex[]> {
  const rows = await client.rows(
    `SELECT c.relname, i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
     WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relname ~ '^vectors_space_[0-9]+_part_[0-9]+_'
     ORDER BY c.relname`,
  );
  return rows.map(([name, valid]) => {
    const [, , space, , part, method = "", lists] = String(name).split("_");
    return {
      name: String(name),
      space: Number(space),
      part: Number(part),
      method,
      lists: Number(lists ?? 0),
      valid: valid === true,
    };
  });
}

/** IVFFlat's lists are made for a number of rows: with three times as many they are too long. */
function serves(index: StandingIndex, due: DueIndex): boolean {
  if (index.space !== due.space || index.part !== due.part || index.method !== due.method) return false;
  const wanted = Math.sqrt(due.rows);
  return due.method === "hnsw" || (index.lists * 1.75 > wanted && index.lists < wanted * 1.75);
}
