import { KnowledgeError } from "../../domain/error.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import type { Connections, Database, Lent } from "./driver.ts";
import { codeOf, translated } from "./errors.ts";
import { SCHEMA } from "./roles.ts";
import { type DueIndex, type IndexPlan, planIndexes } from "./vector-indexes.ts";

export interface BuildDeps {
  /** Connections of the schema's owner, past a pooler: indexes are built outside of transactions. */
  readonly connections: Connections;
  /** Sees the rows of all tenants. */
  readonly asOwner: Database;
  readonly mode: VectorIndexMode;
}

/** Beside the lock of migrations: "AIKN", 2. */
const LOCK = "pg_try_advisory_lock(1095322446, 2)";
const MEGABYTE = 1_048_576;
/** What a build may take of the server's memory, at least and at most, in MB. */
const MEMORY = { least: 64, most: 1_024 } as const;

/**
 * Builds the vector indexes that are due and drops those that serve no search, while others read and write
 * (CONCURRENTLY). One sentence for each thing done; [] where another process is at it, or the login does not own the
 * schema: what is due stays a finding of the check.
 * @throws KnowledgeError when the server fails
 */
export async function maintainIndexes({ connections, asOwner, mode }: BuildDeps): Promise<readonly string[]> {
  let lent: Lent | undefined;
  try {
    // Read before a connection is borrowed for the work: a pool may have one only.
    const plan = await asOwner.read((client) => planIndexes(client, mode, true));
    if (plan.build.length + plan.broken.length + plan.spent.length === 0) return [];
    lent = await connections.lend();
    const { rows } = await lent.query(`SELECT ${LOCK}`, []);
    if (rows[0]?.[0] !== true) return [];
    return await carryOut(lent, plan);
  } catch (error) {
    const cause = error instanceof KnowledgeError ? error.cause : error;
    if (codeOf(cause) === "42501") return [];
    throw error instanceof KnowledgeError ? error : translated(error, connections.location);
  } finally {
    // Thrown away with its lock and its settings, which outlive transactions.
    lent?.release(true);
  }
}

async function carryOut(lent: Lent, { build, broken, spent }: IndexPlan): Promise<readonly string[]> {
  const done: string[] = [];
  // Parallel builds need more shared memory than containers have (docs/postgres.md).
  await lent.script("SET max_parallel_maintenance_workers = 0");
  await lent.script("SET statement_timeout = 0");
  await lent.script("SET lock_timeout = 0");
  for (const name of broken) await dropBroken(lent, name);
  for (const due of build) done.push(await buildOne(lent, due));
  for (const name of spent) {
    await drop(lent, name);
    done.push(`Dropped the vector index ${name}, which served no search.`);
  }
  return done;
}

async function buildOne(lent: Lent, due: DueIndex): Promise<string> {
  const { name, part, space, dimensions, rows, method, options } = due;
  const table = `${SCHEMA}.vectors_${String(part).padStart(2, "0")}`;
  const type = await halfvecType(lent);
  const began = performance.now();
  await lent.script(`SET maintenance_work_mem = '${memoryFor(due)}MB'`);
  await lent.script(
    `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${table} USING ${method}
     ((embedding::${type}(${dimensions})) ${type}_cosine_ops) WITH (${options}) WHERE space_id = ${space}`,
  );
  await lent.script(`ANALYZE ${table}`);
  const seconds = Math.round((performance.now() - began) / 1_000);
  return `Built a vector index (${method}) over ${rows} vectors in ${seconds} s.`;
}

/** With its schema, because a connection of the pool has no search path of ours. */
async function halfvecType(lent: Lent): Promise<string> {
  const { rows } = await lent.query(
    `SELECT quote_ident(n.nspname) || '.halfvec' FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname = 'vector'`,
    [],
  );
  return String(rows[0]?.[0]);
}

/** Unless whoever was at it when it was seen has finished it since. */
async function dropBroken(lent: Lent, name: string): Promise<void> {
  const { rows } = await lent.query("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", [
    `${SCHEMA}.${name}`,
  ]);
  if (rows[0]?.[0] === false) await drop(lent, name);
}

async function drop(lent: Lent, name: string): Promise<void> {
  await lent.script(`DROP INDEX CONCURRENTLY IF EXISTS ${SCHEMA}.${name}`);
}

/** A graph that fits is built several times faster than one that does not: half-precision numbers and its links. */
function memoryFor({ rows, dimensions }: DueIndex): number {
  const megabytes = Math.ceil((rows * (2 * dimensions + 1_000) * 1.2) / MEGABYTE);
  return Math.min(Math.max(megabytes, MEMORY.least), MEMORY.most);
}
