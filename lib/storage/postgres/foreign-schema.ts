import { KnowledgeError } from "../../domain/error.ts";
import type { RawRow } from "./driver.ts";

type Ask = (sql: string) => Promise<readonly RawRow[]>;

/**
 * Makes sure, before a migration, that a schema of the store's name is this login's and holds nothing of anybody else's.
 * @param ours the schema's name @throws KnowledgeError `unavailable` that says whose it is, or what is in it.
 */
export async function requireOwnSchema(ours: string, ask: Ask): Promise<void> {
  const [owner] = await ask(
    `SELECT quote_ident(o.rolname::text), quote_ident(me.rolname::text) FROM pg_namespace n
     JOIN pg_roles o ON o.oid = n.nspowner JOIN pg_roles me ON me.rolname = session_user
     WHERE n.nspname = '${ours}' AND ${isStranger("me", "o")}`,
  );
  if (owner !== undefined) throw belongsToAnother(ours, owner);
  const [found] = await ask(
    `SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, quote_ident(c.relname::text)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = '${ours}' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
       SELECT 1 FROM pg_class m WHERE m.relnamespace = n.oid AND m.relname = 'schema_migrations')
     UNION ALL
     SELECT 'function', quote_ident(p.proname::text) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = '${ours}' AND NOT EXISTS (
       SELECT 1 FROM pg_class m WHERE m.relnamespace = n.oid AND m.relname = 'schema_migrations')
     ORDER BY 1 DESC, 2 LIMIT 1`,
  );
  if (found !== undefined) throw holdsForeign(ours, `${found[0]} ${found[1]}`);
}

/** Before a store is used. @throws KnowledgeError `unavailable` where its tables lie in a schema of somebody else's. */
export async function requireOneOwner(ours: string, ask: Ask): Promise<void> {
  const [owner] = await ask(
    `SELECT quote_ident(o.rolname::text), quote_ident(t.rolname::text) FROM pg_namespace n
     JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'schema_migrations'
     JOIN pg_roles o ON o.oid = n.nspowner JOIN pg_roles t ON t.oid = c.relowner
     WHERE n.nspname = '${ours}' AND ${isStranger("t", "o")}`,
  );
  if (owner !== undefined) throw belongsToAnother(ours, owner);
}

/** What answers where a table of ours is looked for and another one is found. */
export function holdsForeign(ours: string, what: string): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The schema ${ours} of this database is somebody else's: it holds the ${what}, which is none of this program's.`,
    { hint: `Rename it (ALTER SCHEMA ${ours} RENAME TO another), or name another database.` },
  );
}

/** Owners may drop whatever lies in their schema. A superuser may anyway, but is a member of no role for it. */
function isStranger(of: string, owner: string): string {
  return `${owner}.oid <> ${of}.oid AND NOT ${owner}.rolsuper
    AND (${of}.rolsuper OR NOT pg_has_role(${of}.oid, ${owner}.oid, 'MEMBER'))`;
}

function belongsToAnother(ours: string, [owner, wanted]: RawRow): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The schema ${ours} belongs to ${owner}, who could drop what ${wanted} keeps in it.`,
    {
      hint: `Let a superuser run ALTER SCHEMA ${ours} OWNER TO ${wanted}, or run \`aiknowsys migrate\` as ${owner}.`,
    },
  );
}
