import { KnowledgeError } from "../../domain/error.ts";
import type { RawRow } from "./driver.ts";

/** Runs a statement without parameters. */
type Ask = (sql: string) => Promise<readonly RawRow[]>;

/**
 * Makes sure that nobody but their owners can put anything into the schemas that statements are looked up in: a function
 * or operator that fits a call better than PostgreSQL's own is called in its place, by whoever reads the store.
 * @param ours name of the store's schema @throws KnowledgeError `unavailable` that names who else may create there, and where.
 */
export async function requireOwnersAlone(ours: string, ask: Ask): Promise<void> {
  const [found] = await ask(creatorsIn(ours));
  if (found === undefined) return;
  const [schema, role] = found.map((name) => (name === null ? null : String(name)));
  throw new KnowledgeError(
    "unavailable",
    `${role === null ? "Every login" : `The role ${role}`} may create functions in the schema ${schema}, where this store's are looked up: tenants would not be kept apart.`,
    {
      hint: `Let the schema's owner run REVOKE CREATE ON SCHEMA ${schema} FROM ${role ?? "PUBLIC"}; if it must stay, install pgvector in a schema of its own.`,
    },
  );
}

function creatorsIn(ours: string): string {
  return `SELECT pg_catalog.quote_ident(n.nspname::text), pg_catalog.quote_ident(r.rolname::text)
  FROM pg_catalog.pg_namespace n
  CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
  WHERE (n.nspname = '${ours}' OR n.oid = (SELECT e.extnamespace FROM pg_catalog.pg_extension e WHERE e.extname = 'vector'))
    AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND r.rolsuper IS DISTINCT FROM true
    AND a.grantee <> (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND a.grantee <> (SELECT o.nspowner FROM pg_catalog.pg_namespace o WHERE o.nspname = '${ours}')
  ORDER BY n.nspname, r.rolname LIMIT 1`;
}
