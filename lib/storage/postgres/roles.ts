import { KnowledgeError } from "../../domain/error.ts";
import { requireOwnersAlone } from "./creators.ts";
import type { Lent } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { requireOwnSchema } from "./foreign-schema.ts";
import { openPgvector } from "./pgvector-use.ts";

/** The schema that holds everything of ours in a database that may have other tenants of its own. */
export const SCHEMA = "aiknowsys";

/** From version 16 on a member may lack just this right: whoever creates a role is such a member of it. */
const MAY_ENTER =
  "CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END";

const ROLES = ["aiknowsys_app", "aiknowsys_search", "aiknowsys_admin"] as const;

/**
 * Makes what migrations stand on, where it is lacking: the extension, the schema and the three roles, which
 * this login may then enter (RULES 2). Inside the runner's transaction.
 * @throws KnowledgeError `unavailable` that says what the database's owner has to do.
 */
export async function prepareGround(lent: Lent): Promise<void> {
  const { exists, mayCreate } = await readRights(lent);
  if (!mayCreate) throw foreignSchema();
  const ask = async (sql: string) => (await lent.query(sql, [])).rows;
  await requireOwnSchema(SCHEMA, ask);
  await prepareExtension(lent);
  // Not IF NOT EXISTS: that asks for the right to create even where there is nothing to do.
  if (!exists) await lent.script(`CREATE SCHEMA ${SCHEMA}`);
  await requireOwnersAlone(SCHEMA, ask);
  for (const role of ROLES) await prepareRole(lent, role);
  await openPgvector(lent);
  // Whoever may log in may see which version the schema has; rows are for the roles alone.
  await lent.script(`GRANT USAGE ON SCHEMA ${SCHEMA} TO PUBLIC`);
}

/** What lacks the right to do it, said as what its owner has to do; anything else as it is. */
export function asOwnersMatter(error: unknown): unknown {
  return codeOf(error) === "42501" ? foreignSchema(error) : error;
}

function foreignSchema(cause?: unknown): KnowledgeError {
  return new KnowledgeError("unavailable", "This login may not change the schema of the store.", {
    hint: `Run \`aiknowsys migrate\` with the login that owns the schema ${SCHEMA} (of a new store: the database).`,
    cause,
  });
}

/** Whether the schema is there, and whether this login may make or fill it. */
async function readRights(lent: Lent): Promise<{ readonly exists: boolean; readonly mayCreate: boolean }> {
  const { rows } = await lent.query(
    `SELECT n.oid IS NOT NULL, CASE WHEN n.oid IS NULL
       THEN has_database_privilege(current_database()::text, 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') END
     FROM (SELECT $1::text AS name) wanted LEFT JOIN pg_namespace n ON n.nspname = wanted.name`,
    [SCHEMA],
  );
  return { exists: rows[0]?.[0] === true, mayCreate: rows[0]?.[1] === true };
}

async function prepareExtension(lent: Lent): Promise<void> {
  const { rows } = await lent.query(
    "SELECT default_version, installed_version FROM pg_available_extensions WHERE name = 'vector'",
    [],
  );
  const [found] = rows;
  if (found === undefined) {
    throw unavailable(
      "This PostgreSQL server has no pgvector.",
      "Install pgvector 0.8 or newer there (docs/postgres.md says how), or choose a provider that offers it.",
    );
  }
  requirePgvector(String(found[1] ?? found[0]));
  if (found[1] !== null) return;
  await guarded(
    () => lent.script("CREATE EXTENSION IF NOT EXISTS vector").catch(refuseForeignNames),
    "This login may not install pgvector in the database.",
    "Let a superuser, or what a managed service has for one, run CREATE EXTENSION vector there; then try again.",
  );
}

/** A type, a function or an operator that is there already and is none of pgvector's. */
function refuseForeignNames(error: unknown): never {
  if (!["42710", "42723", "42P07"].includes(codeOf(error) ?? "")) throw error;
  const message = error instanceof Error ? error.message : "";
  throw new KnowledgeError(
    "unavailable",
    "pgvector cannot be made in this database: something else in it has a name that pgvector needs.",
    { hint: `Rename or remove it (the server says: ${message}), or use another database.`, cause: error },
  );
}

/** @throws KnowledgeError `unavailable` for a version of pgvector that searches cannot use. */
export function requirePgvector(version: string): void {
  if (!isOlder(version, 0, 8)) return;
  throw unavailable(
    `pgvector is version ${version} here; AIKnowSys needs 0.8 or newer.`,
    "Update it at the server, then run ALTER EXTENSION vector UPDATE in this database.",
  );
}

async function prepareRole(lent: Lent, role: string): Promise<void> {
  const { rows } = await lent.query(
    `SELECT r.oid IS NOT NULL, r.rolsuper OR r.rolbypassrls OR r.rolcanlogin,
       pg_has_role(session_user, r.oid, ${MAY_ENTER})
     FROM (SELECT $1::text AS name) wanted LEFT JOIN pg_roles r ON r.rolname = wanted.name`,
    [role],
  );
  const [exists, unsafe, mayEnter] = rows[0] ?? [];
  if (exists !== true) await createRole(lent, role);
  if (unsafe === true) throw unsafeRole(role);
  if (mayEnter === true) return;
  await guarded(
    () => lent.script(`GRANT ${role} TO SESSION_USER`),
    `This login may not enter the role ${role}.`,
    `Let a superuser run GRANT ${ROLES.join(", ")} TO this login; then try again.`,
  );
}

async function createRole(lent: Lent, role: string): Promise<void> {
  await guarded(
    () => lent.script(`CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT`),
    `This login may not create the role ${role}.`,
    `Use a login with CREATEROLE for the migration, or let a superuser run CREATE ROLE ${role} NOLOGIN.`,
  );
}

export function unsafeRole(role: string): KnowledgeError {
  return unavailable(
    `The role ${role} could see past row-level security: it may log in, or is a superuser, or has BYPASSRLS.`,
    `Let a superuser run ALTER ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS.`,
  );
}

/** Runs a statement that needs a right; its lack reads as what the owner has to do. */
async function guarded(work: () => Promise<void>, sentence: string, hint: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== "42501") throw error;
    throw new KnowledgeError("unavailable", sentence, { hint, cause: error });
  }
}

function isOlder(version: string, major: number, minor: number): boolean {
  const [ours = 0, minorOurs = 0] = version.split(".").map(Number);
  return ours < major || (ours === major && minorOurs < minor);
}

function unavailable(sentence: string, hint: string): KnowledgeError {
  return new KnowledgeError("unavailable", sentence, { hint });
}
