import { KnowledgeError } from "../../domain/error.ts";
import {
  type AppliedMigration,
  accessOf,
  type Compatibility,
  loadMigrations,
  type Migration,
  pendingMigrations,
} from "../migrate.ts";
import type { Connections, Lent } from "./driver.ts";
import { translated } from "./errors.ts";
import { holdsForeign } from "./foreign-schema.ts";
import { SCHEMA } from "./roles.ts";

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

/**
 * Looks at a server and its schema. @throws KnowledgeError `unavailable` for a server that cannot serve,
 * `schema_mismatch` when this program may not even read the store.
 */
export function readSchema(
  connections: Connections,
  known = loadMigrations("postgres"),
): Promise<SchemaState> {
  return looking(connections, async (lent) => {
    const server = await readServer(lent);
    const applied = await readApplied(lent);
    const pending = pendingMigrations(known, applied);
    const said = applied.length === 0 ? ALL_PROGRAMS : await readCompatibility(lent);
    const access = accessOf(known, applied, said);
    return { version: applied.length, pending, access, ...server };
  });
}

/** What the server is. @throws KnowledgeError `unavailable` for one that cannot serve. */
export async function readServer(lent: Lent): Promise<Pick<SchemaState, "searchPath" | "serverVersion">> {
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

/** The migrations that have been applied, in order. */
export async function readApplied(lent: Lent): Promise<readonly AppliedMigration[]> {
  const { rows: found } = await lent.query(MIGRATIONS_TABLE, []);
  if (found.length === 0) return [];
  if (found[0]?.[0] !== true) throw holdsForeign(SCHEMA, "table schema_migrations");
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

/** Other programs have tables of this name too: whether that in our schema is of the runner's making. By the catalogue. */
const MIGRATIONS_TABLE = `SELECT c.relkind = 'r' AND (SELECT count(*) = 3 FROM pg_attribute a WHERE a.attrelid = c.oid AND (
    a.attname = 'version' AND a.atttypid = 'integer'::regtype OR a.attname IN ('name', 'checksum') AND a.atttypid = 'text'::regtype))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${SCHEMA}' AND c.relname = 'schema_migrations'`;

const ALL_PROGRAMS: Compatibility = { oldestReader: 0, oldestWriter: 0 };

/** Which programs may use the store. */
export async function readCompatibility(lent: Lent): Promise<Compatibility> {
  if (!(await hasTable(lent, "store_info"))) return ALL_PROGRAMS;
  const { rows } = await lent.query(
    `SELECT name, value FROM ${SCHEMA}.store_info WHERE name LIKE 'oldest%'`,
    [],
  );
  const found = new Map(rows.map(([name, value]) => [String(name), Number(value)]));
  return { oldestReader: found.get("oldest_reader") ?? 0, oldestWriter: found.get("oldest_writer") ?? 0 };
}

async function hasTable(lent: Lent, name: string): Promise<boolean> {
  // By the catalogue, which everybody may read: `to_regclass` asks for rights on the schema.
  const { rows } = await lent.query(
    "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
    [SCHEMA, name],
  );
  return rows.length > 0;
}

/** Lends a connection for a look in one transaction: what a login's or another program's session is set to must not count. */
export function looking<Result>(
  connections: Connections,
  work: (lent: Lent) => Promise<Result>,
): Promise<Result> {
  return lending(connections, async (lent) => {
    await lent.script(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp;
       SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '30s'`,
    );
    const result = await work(lent);
    await lent.script("COMMIT");
    return result;
  });
}

/** Lends a connection for some work; what fails reads for people. */
export async function lending<Result>(
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
