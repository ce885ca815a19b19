import { KnowledgeError } from "../../domain/error.ts";
import { requireOwnersAlone } from "./creators.ts";
import type { Client, Database } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { requireOneOwner } from "./foreign-schema.ts";
import { requirePgvectorOpen } from "./pgvector-use.ts";
import { lacking, RESTORE, requirePolicies } from "./policies.ts";
import { requirePgvector, SCHEMA, unsafeRole } from "./roles.ts";

/**
 * The check before a store is used: every transaction really is the unprivileged role's, every table that holds
 * tenants' rows is under row-level security that even its owner cannot pass by, the functions that search run as
 * the role that is made for them, and pgvector is there.
 * @throws KnowledgeError `unavailable` when isolation cannot hold.
 */
export async function requireIsolation(database: Database): Promise<void> {
  await entered(() =>
    database.read(async (client) => {
      // What others may have put into the schemas of the path must not be called by the check for it.
      await client.run("SET LOCAL search_path = pg_catalog, pg_temp");
      await requireOwnersAlone(SCHEMA, (sql) => client.rows(sql));
      await requireOneOwner(SCHEMA, (sql) => client.rows(sql));
      await requireRoles(client);
      await requireSecurity(client);
      await requirePolicies(client);
      await requireWhole(client);
      await requireFunctions(client);
      await requireExtension(client);
    }),
  );
}

/** The one that every transaction enters, the one that searches run as, and the owner's: none may be more than it was made. */
async function requireRoles(client: Client): Promise<void> {
  const rows = await client.rows(
    `SELECT me.rolname, me.rolsuper OR me.rolbypassrls OR me.rolcanlogin, (
       SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
       WHERE r.oid <> me.oid AND pg_has_role(me.oid, r.oid, 'MEMBER') AND (
         r.rolsuper OR r.rolbypassrls OR r.rolname IN ('aiknowsys_search', 'aiknowsys_admin')
         OR r.oid = (SELECT nspowner FROM pg_namespace WHERE nspname = '${SCHEMA}')))
     FROM pg_roles me WHERE me.rolname IN ('aiknowsys_app', 'aiknowsys_search', 'aiknowsys_admin') ORDER BY me.rolname`,
  );
  for (const [role, unsafe] of rows) if (unsafe !== false) throw unsafeRole(String(role));
  const [more] = rows.filter(([, , others]) => others !== null);
  if (more === undefined) return;
  const [role, , others] = more.map(String);
  throw refusal(
    `The role ${role} may act as ${others}, which sees past row-level security.`,
    `Let a superuser run REVOKE ${others} FROM ${role}.`,
  );
}

/** Tables with tenants' rows. */
const TABLES = `SELECT c.oid, c.relname, c.relispartition, c.relrowsecurity AND c.relforcerowsecurity AS secured
  FROM pg_class c
  WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p')
    AND (c.relname = 'tenants' OR EXISTS (
      SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))`;

async function requireSecurity(client: Client): Promise<void> {
  const open = await client.rows(`SELECT relname FROM (${TABLES}) t WHERE NOT secured ORDER BY relname`);
  if (open.length === 0) return;
  const names = open.map(([name]) => String(name));
  throw refusal(
    `Row-level security is off for ${names.join(", ")}: tenants would not be kept apart.`,
    `Let the schema's owner run ALTER TABLE ${SCHEMA}.${names[0]} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY${
      names.length > 1 ? ", and so for each of them" : ""
    }.`,
  );
}

/** What a dump leaves out when it is restored without rights: every read would be refused. */
async function requireWhole(client: Client): Promise<void> {
  const [row] = await client.rows(`SELECT has_table_privilege('${SCHEMA}.projects', 'SELECT')`);
  if (row?.[0] !== true) throw lacking(["projects"]);
}

/** Run as another owner they would find nothing, or would read past row-level security; run by anybody, they obey any settings. */
async function requireFunctions(client: Client): Promise<void> {
  const [wrong] = await client.rows(
    `SELECT proname, owner.rolname = 'aiknowsys_search' FROM pg_proc JOIN pg_roles owner ON owner.oid = proowner
     WHERE pronamespace = '${SCHEMA}'::regnamespace AND prosecdef AND (owner.rolname <> 'aiknowsys_search'
       OR EXISTS (SELECT 1 FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0))
     ORDER BY proname LIMIT 1`,
  );
  if (wrong === undefined) return;
  const name = `${SCHEMA}.${String(wrong[0])}`;
  if (wrong[1] === true)
    throw refusal(
      `Every login may run the function ${name}: tenants would not be kept apart.`,
      `Let a superuser run REVOKE ALL ON FUNCTION ${name} FROM PUBLIC.`,
    );
  throw refusal(
    `The function ${name} does not belong to aiknowsys_search: searches would find nothing, or too much.`,
    `Let a superuser run ALTER FUNCTION ${name} OWNER TO aiknowsys_search, or restore the dump again without --no-owner.`,
  );
}

async function requireExtension(client: Client): Promise<void> {
  const [row] = await client.rows("SELECT extversion FROM pg_extension WHERE extname = 'vector'");
  if (row !== undefined) {
    requirePgvector(String(row[0]));
    return requirePgvectorOpen((sql) => client.rows(sql));
  }
  throw refusal(
    "The extension vector is gone from this database.",
    "Restore a backup: what needed it has gone with it.",
  );
}

function refusal(sentence: string, hint: string): KnowledgeError {
  return new KnowledgeError("unavailable", sentence, { hint });
}

async function entered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof KnowledgeError ? error.cause : undefined;
    if (codeOf(cause) === "22023")
      throw new KnowledgeError(
        "unavailable",
        "The role aiknowsys_app is not on this server: the database came here without its roles.",
        { hint: RESTORE, cause },
      );
    if (codeOf(cause) !== "42501") throw error;
    throw new KnowledgeError("unavailable", "This login may not enter the role aiknowsys_app.", {
      hint: "Let the owner run GRANT aiknowsys_app TO this login, or `aiknowsys migrate` with a login that may.",
      cause,
    });
  }
}
