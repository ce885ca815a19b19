import { KnowledgeError } from "../../domain/error.ts";
import type { MigrateOptions, MigrateReport } from "../contract/upkeep.ts";
import {
  type AppliedMigration,
  accessOf,
  type Compatibility,
  compatibilityAfter,
  loadMigrations,
  type Migration,
  pendingMigrations,
} from "../migrate.ts";
import type { Connections, Lent } from "./driver.ts";
import { codeOf, isCollision, isDuplicate, translated } from "./errors.ts";
import { prepareGround, SCHEMA } from "./roles.ts";

/** What a database allows this program to do now. */
export interface SchemaState {
  readonly version: number;
  /** Migrations that are still to be applied, in order. */
  readonly pending: readonly Migration[];
  readonly access: "write" | "read";
  /** Schemas for the search path: ours, and the one that holds pgvector. */
  readonly searchPath: readonly string[];
  readonly serverVersion: string;
}

/** How long one process waits for another that migrates. */
const WAIT_MS = 120_000;
/** Two-number key space, which no other tool's single number meets: "AIKN", 1. */
const LOCK = "pg_try_advisory_xact_lock(1095322446, 1)";

/**
 * Looks at a server and its schema. @throws KnowledgeError `unavailable` for a server that cannot serve,
 * `schema_mismatch` when this program may not even read the store.
 */
export function readSchema(
  connections: Connections,
  known = loadMigrations("postgres"),
): Promise<SchemaState> {
  return lending(connections, async (lent) => {
    const server = await readServer(lent);
    const applied = await readApplied(lent);
    const pending = pendingMigrations(known, applied);
    const access = accessOf(known, applied, await readCompatibility(lent));
    return { version: applied.length, pending, access, ...server };
  });
}

/**
 * Brings the schema to a version, each migration in a transaction of its own. Safe when many processes do so at
 * once: they take turns by a polled lock, which ends with its transaction and so works through PgBouncer too,
 * and look at everything again under it.
 * @throws KnowledgeError `schema_mismatch`, `invalid_input`, or `unavailable` for rights that are lacking.
 */
export async function migrateSchema(
  connections: Connections,
  options: MigrateOptions & { readonly migrations?: readonly Migration[] | undefined },
): Promise<MigrateReport> {
  const known = options.migrations ?? loadMigrations("postgres");
  const before = await readSchema(connections, known);
  const applied: string[] = [];
  const to = options.to ?? Math.max(known.length, before.version);
  const wanted = await lending(connections, async (lent) =>
    pendingMigrations(known, await readApplied(lent), to),
  );
  if (options.dryRun === true) {
    const names = wanted.map(({ name }) => name);
    return { from: before.version, to: before.version + names.length, applied: names };
  }
  if (wanted.length === 0) return { from: before.version, to: before.version, applied };
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const step = await oneStep(connections, known, to);
    if (step === "done") return { from: before.version, to, applied };
    if (step === "busy") await pause(end);
    else applied.push(step);
  }
}

/** Applies the next migration and gives its name; `busy` when another process is at it. */
async function oneStep(
  connections: Connections,
  known: readonly Migration[],
  to: number,
): Promise<string | "done" | "busy"> {
  try {
    return await lending(connections, (lent) => applyNext(lent, known, to));
  } catch (error) {
    // Roles belong to the whole server: another database's migration may make them at this moment.
    const cause = error instanceof KnowledgeError ? error.cause : error;
    if (isCollision(cause) || isDuplicate(cause) || codeOf(cause) === "42710" || codeOf(cause) === "XX000")
      return "busy";
    throw error;
  }
}

async function applyNext(
  lent: Lent,
  known: readonly Migration[],
  to: number,
): Promise<string | "done" | "busy"> {
  await lent.script(
    "BEGIN; SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning",
  );
  try {
    const { rows } = await lent.query(`SELECT ${LOCK}`, []);
    const step = rows[0]?.[0] === true ? await applyLocked(lent, known, to) : "busy";
    await lent.script(step === "busy" ? "ROLLBACK" : "COMMIT");
    return step;
  } catch (error) {
    await lent.script("ROLLBACK");
    throw error;
  }
}

async function applyLocked(lent: Lent, known: readonly Migration[], to: number): Promise<string | "done"> {
  const applied = await readApplied(lent);
  const [next] = pendingMigrations(known, applied, Math.max(to, applied.length));
  if (next === undefined) return "done";
  await prepareGround(lent);
  const { searchPath } = await readServer(lent);
  const path = [...searchPath, "pg_temp"].map((name) => `"${name}"`).join(", ");
  await lent.script(`SET LOCAL search_path = ${path};
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL
    );
    GRANT SELECT ON schema_migrations TO PUBLIC`);
  await lent.script(next.sql);
  await lent.query(
    "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, clock_timestamp())",
    [next.version, next.name, next.checksum],
  );
  const { oldestReader, oldestWriter } = compatibilityAfter(await readCompatibility(lent), [next]);
  await lent.query(
    `INSERT INTO store_info (name, value) VALUES ('oldest_reader', $1), ('oldest_writer', $2)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [String(oldestReader), String(oldestWriter)],
  );
  return next.name;
}

async function readServer(lent: Lent): Promise<Pick<SchemaState, "searchPath" | "serverVersion">> {
  const { rows } = await lent.query(
    `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
       current_setting('server_encoding'),
       (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector')`,
    [],
  );
  const [number, version, encoding, extensionSchema] = rows[0] ?? [];
  if (Number(number) < 150_000) {
    throw new KnowledgeError(
      "unavailable",
      `PostgreSQL is version ${version} here; AIKnowSys needs 15 or newer.`,
      {
        hint: "Update the server, or name another one in POSTGRES_URL (or --connection).",
      },
    );
  }
  if (encoding !== "UTF8") {
    throw new KnowledgeError(
      "unavailable",
      `The database keeps text as ${encoding}, which cannot hold all of it.`,
      {
        hint: "Create a database with ENCODING 'UTF8' and name that one in POSTGRES_URL (or --connection).",
      },
    );
  }
  const searchPath = [SCHEMA, String(extensionSchema ?? "public")];
  return { searchPath: [...new Set(searchPath)], serverVersion: String(version) };
}

async function readApplied(lent: Lent): Promise<readonly AppliedMigration[]> {
  if (!(await hasTable(lent, "schema_migrations"))) return [];
  const { rows } = await lent.query(
    `SELECT version, name, checksum FROM ${SCHEMA}.schema_migrations ORDER BY version`,
    [],
  );
  return rows.map(([version, name, checksum]) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
  }));
}

async function readCompatibility(lent: Lent): Promise<Compatibility> {
  if (!(await hasTable(lent, "store_info"))) return { oldestReader: 0, oldestWriter: 0 };
  const { rows } = await lent.query(
    `SELECT name, value FROM ${SCHEMA}.store_info WHERE name LIKE 'oldest%'`,
    [],
  );
  const found = new Map(rows.map(([name, value]) => [String(name), Number(value)]));
  return { oldestReader: found.get("oldest_reader") ?? 0, oldestWriter: found.get("oldest_writer") ?? 0 };
}

async function hasTable(lent: Lent, name: string): Promise<boolean> {
  const { rows } = await lent.query("SELECT to_regclass($1) IS NOT NULL", [`${SCHEMA}.${name}`]);
  return rows[0]?.[0] === true;
}

async function lending<Result>(
  connections: Connections,
  work: (lent: Lent) => Promise<Result>,
): Promise<Result> {
  let lent: Lent | undefined;
  let broken = true;
  try {
    lent = await connections.lend();
    const result = await work(lent);
    broken = false;
    return result;
  } catch (error) {
    throw translated(error, connections.location);
  } finally {
    lent?.release(broken);
  }
}

async function pause(end: number): Promise<void> {
  if (Date.now() > end) {
    throw new KnowledgeError(
      "unavailable",
      "Another process has been migrating this database for too long.",
      {
        hint: "See what it waits for in pg_stat_activity, then try again.",
      },
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
}
