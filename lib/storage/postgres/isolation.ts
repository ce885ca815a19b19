import { KnowledgeError } from "../../domain/error.ts";
import type { Client, Database } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { SCHEMA, unsafeRole } from "./roles.ts";

/**
 * The check before a store is used: every transaction really is the unprivileged role's, and every table that
 * holds tenants' rows is under row-level security that even its owner cannot pass by.
 * @throws KnowledgeError `unavailable` when isolation cannot hold.
 */
export async function requireIsolation(database: Database): Promise<void> {
  await entered(() =>
    database.read(async (client) => {
      await requireRole(client);
      await requirePolicies(client);
    }),
  );
}

async function requireRole(client: Client): Promise<void> {
  const [row] = await client.rows(
    "SELECT rolname, rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = current_user",
  );
  const role = String(row?.[0]);
  if (row?.[1] !== false) throw unsafeRole(role);
}

async function requirePolicies(client: Client): Promise<void> {
  const open = await client.rows(
    `SELECT c.relname FROM pg_class c
     WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p')
       AND (c.relname = 'tenants' OR EXISTS (
         SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
       AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname`,
  );
  if (open.length === 0) return;
  throw new KnowledgeError(
    "unavailable",
    `Row-level security is off for ${open.map(([name]) => String(name)).join(", ")}: tenants would not be kept apart.`,
    { hint: "Run `aiknowsys doctor --fix` as the owner of the schema, or restore a backup." },
  );
}

async function entered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof KnowledgeError ? error.cause : undefined;
    if (codeOf(cause) !== "42501" && codeOf(cause) !== "22023") throw error;
    throw new KnowledgeError("unavailable", "This login may not enter the role aiknowsys_app.", {
      hint: "Let the owner run GRANT aiknowsys_app TO this login, or `aiknowsys migrate` with a login that may.",
      cause,
    });
  }
}
