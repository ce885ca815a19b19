import { KnowledgeError } from "../../domain/error.ts";
import type { Lent, RawRow } from "./driver.ts";
import { codeOf } from "./errors.ts";

const ROLES = "'aiknowsys_app', 'aiknowsys_search', 'aiknowsys_admin'";

/**
 * Lets the roles use the schema that pgvector is in, as far as this login may: some services keep extensions where not
 * everybody gets in. @throws KnowledgeError `unavailable` that says what the schema's owner has to do.
 */
export async function openPgvector(lent: Lent): Promise<void> {
  const ask = async (sql: string) => (await lent.query(sql, [])).rows;
  const [shut] = await ask(shutOut(`r.rolname IN (${ROLES}) OR r.rolname = session_user`));
  if (shut === undefined) return;
  const [schema, roles] = shut.map(String);
  try {
    await lent.script(`GRANT USAGE ON SCHEMA ${schema} TO ${roles}`);
  } catch (error) {
    throw codeOf(error) === "42501" ? shutTo(shut, error) : error;
  }
  // A login with a right that it may not hand on is warned only.
  await requirePgvectorOpen(ask);
}

/** @throws KnowledgeError `unavailable` where the roles may not use the schema that pgvector is in. */
export async function requirePgvectorOpen(ask: (sql: string) => Promise<readonly RawRow[]>): Promise<void> {
  const [shut] = await ask(shutOut(`r.rolname IN (${ROLES})`));
  if (shut !== undefined) throw shutTo(shut);
}

function shutOut(roles: string): string {
  return `SELECT quote_ident(n.nspname::text), string_agg(quote_ident(r.rolname::text), ', ' ORDER BY r.rolname)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace CROSS JOIN pg_roles r
    WHERE e.extname = 'vector' AND (${roles}) AND NOT has_schema_privilege(r.oid, n.oid, 'USAGE') GROUP BY n.nspname`;
}

function shutTo([schema, roles]: RawRow, cause?: unknown): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `pgvector is in the schema ${schema}, which ${roles} may not use.`,
    {
      hint: `Let that schema's owner run GRANT USAGE ON SCHEMA ${schema} TO ${roles}; then try again.`,
      cause,
    },
  );
}
