import { KnowledgeError } from "../../domain/error.ts";
import type { MigrateOptions, MigrateReport } from "../contract/upkeep.ts";
import { compatibilityAfter, loadMigrations, type Migration, pendingMigrations } from "../migrate.ts";
import type { Connections, Lent } from "./driver.ts";
import { codeOf, isCollision, isDuplicate } from "./errors.ts";
import { asOwnersMatter, prepareGround } from "./roles.ts";
import { lending, looking, readApplied, readCompatibility, readSchema, readServer } from "./schema.ts";

/** How long one process waits for another that migrates. */
const WAIT_MS = 120_000;
/** Two-number key space, which no other tool's single number meets: "AIKN", 1. */
const LOCK = "pg_try_advisory_xact_lock(1095322446, 1)";
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_min_messages = warning`;

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
  await readSchema(connections, known);
  // In one look: another process may be migrating meanwhile.
  const { from, to, wanted } = await looking(connections, async (lent) => {
    const applied = await readApplied(lent);
    const goal = options.to ?? Math.max(known.length, applied.length);
    return { from: applied.length, to: goal, wanted: pendingMigrations(known, applied, goal) };
  });
  if (options.dryRun === true && wanted.length > 0) await requireGround(connections);
  if (options.dryRun === true || wanted.length === 0) {
    return { from, to: from + wanted.length, applied: wanted.map(({ name }) => name) };
  }
  const applied = await applyAll(connections, known, to);
  // Another process may have done all of it meanwhile.
  return { from: applied.length === 0 ? to : from, to, applied };
}

/** Whether this login may migrate, by doing what every migration begins with and undoing it. */
function requireGround(connections: Connections): Promise<void> {
  return lending(connections, async (lent) => {
    await lent.script(BEGIN);
    try {
      const { rows } = await lent.query(`SELECT ${LOCK}`, []);
      // Another process that migrates has all rights, and ours show when it has ended.
      if (rows[0]?.[0] === true) await isGroundReady(lent);
    } catch (error) {
      throw asOwnersMatter(error);
    } finally {
      await lent.script("ROLLBACK").catch(() => undefined);
    }
  });
}

async function applyAll(
  connections: Connections,
  known: readonly Migration[],
  to: number,
): Promise<readonly string[]> {
  const applied: string[] = [];
  let end = Date.now() + WAIT_MS;
  for (;;) {
    const step = await oneStep(connections, known, to);
    if (step === "done") return applied;
    if (step === "busy") await pause(end);
    else {
      applied.push(step);
      end = Date.now() + WAIT_MS;
    }
  }
}

/** Applies the next migration and gives its name; `busy` when another process is at it. */
async function oneStep(
  connections: Connections,
  known: readonly Migration[],
  to: number,
): Promise<string | "done" | "busy"> {
  try {
    return await lending(connections, (lent) => applyNext({ connections, lent, known, to }));
  } catch (error) {
    const cause = error instanceof KnowledgeError ? error.cause : error;
    if (isCollision(cause) || isOvertaken(cause)) return "busy";
    throw error;
  }
}

interface Step {
  readonly connections: Connections;
  /** Holds the lock. */
  readonly lent: Lent;
  readonly known: readonly Migration[];
  readonly to: number;
}

async function applyNext(step: Step): Promise<string | "done" | "busy"> {
  const { lent } = step;
  await lent.script(BEGIN);
  try {
    const { rows } = await lent.query(`SELECT ${LOCK}`, []);
    const result = rows[0]?.[0] === true ? await applyLocked(step) : "busy";
    await lent.script(result === "busy" ? "ROLLBACK" : "COMMIT");
    return result;
  } catch (error) {
    // A connection that is lost cannot roll back; why it was needed is the error to tell.
    await lent.script("ROLLBACK").catch(() => undefined);
    throw asOwnersMatter(error);
  }
}

async function applyLocked(step: Step): Promise<string | "done" | "busy"> {
  const { lent, known, to } = step;
  const applied = await readApplied(lent);
  const [next] = pendingMigrations(known, applied, Math.max(to, applied.length));
  if (next === undefined) return "done";
  if (next.outsideTransaction === true) await applyOutside(step, next);
  else {
    if (!(await isGroundReady(lent))) return "busy";
    await lent.script(`SET LOCAL search_path = ${await pathOf(lent)};
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL
      );
      GRANT SELECT ON schema_migrations TO PUBLIC`);
    await lent.script(next.sql);
  }
  await record(lent, next);
  return next.name;
}

/** False when another database's migration makes the same roles at this moment: they belong to the whole server. */
async function isGroundReady(lent: Lent): Promise<boolean> {
  try {
    await prepareGround(lent);
    return true;
  } catch (error) {
    if (isDuplicate(error) || codeOf(error) === "42710") return false;
    throw error;
  }
}

/**
 * For statements such as CREATE INDEX CONCURRENTLY. One by one on a second connection, while the transaction of
 * the first holds the lock: it has no snapshot then, so they need not wait for it. It records the migration only
 * after the last of them; one that breaks off is done again as a whole.
 */
async function applyOutside({ connections }: Step, { name, sql }: Migration): Promise<void> {
  if (connections.most < 2) {
    throw new KnowledgeError("unavailable", `The migration ${name} needs two connections at once.`, {
      hint: "Raise POSTGRES_POOL_MAX to 2 or more.",
    });
  }
  await lending(connections, async (lent) => {
    for (const statement of statementsOf(sql)) await lent.script(statement);
  });
}

/** Each ends with a semicolon at the end of a line (schema/README.md). */
function statementsOf(sql: string): readonly string[] {
  return sql.split(/;[ \t]*$/m).filter((statement) => statement.replace(/--.*$/gm, "").trim() !== "");
}

async function record(lent: Lent, migration: Migration): Promise<void> {
  await lent.script(`SET LOCAL search_path = ${await pathOf(lent)}`);
  await lent.query(
    "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, clock_timestamp())",
    [migration.version, migration.name, migration.checksum],
  );
  const { oldestReader, oldestWriter } = compatibilityAfter(await readCompatibility(lent), [migration]);
  await lent.query(
    `INSERT INTO store_info (name, value) VALUES ('oldest_reader', $1), ('oldest_writer', $2)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [String(oldestReader), String(oldestWriter)],
  );
}

async function pathOf(lent: Lent): Promise<string> {
  const { searchPath } = await readServer(lent);
  return [...searchPath, "pg_temp"].map((name) => `"${name}"`).join(", ");
}

/** PostgreSQL has no code of its own for two who change one entry of a catalogue, such as a role's, at once. */
function isOvertaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    codeOf(error) === "XX000" &&
    /tuple concurrently (updated|deleted)/.test(error.message)
  );
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
