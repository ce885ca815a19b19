import { KnowledgeError } from "../../domain/error.ts";
import type { Client } from "./driver.ts";
import { SCHEMA } from "./roles.ts";

/** What a policy says, and the roles it is for; expressions without white space. */
interface Policy {
  readonly name: string;
  readonly kind: string;
  readonly roles: string;
  readonly using: string | null;
  readonly check: string | null;
}

/** A table with tenants' rows, and those of its policies that our roles are under. */
interface Table {
  readonly name: string;
  readonly ofProjects: boolean;
  readonly policies: readonly Policy[];
}

/**
 * Compares the policies of every table with those that migrations make: policies are added up by OR, so that one which
 * asks less opens its table, whatever the others say.
 * @throws KnowledgeError `unavailable` that names the first one that is missing, another than it was, or too many.
 */
export async function requirePolicies(client: Client): Promise<void> {
  // A login may be set to another way of writing expressions.
  await client.run("SET LOCAL quote_all_identifiers = off");
  const tables = await readTables(client);
  requireAll(tables);
  for (const { name, ofProjects, policies } of tables) {
    const wanted = wantedFor(name, ofProjects);
    for (const policy of policies) requireAsMade(name, policy, wanted);
  }
}

/** What a dump leaves out when its roles are not there: all rows would be hidden. */
function requireAll(tables: readonly Table[]): void {
  const bare = tables.filter(({ policies }) => {
    const names = policies.map(({ name }) => name);
    return !["app", "search", "admin"].every((name) => names.includes(name));
  });
  if (bare.length > 0) throw lacking(bare.map(({ name }) => name));
}

/** The refusal of a database that was restored without what keeps tenants apart. */
export function lacking(tables: readonly string[]): KnowledgeError {
  const more = tables.length > 3 ? ` and ${tables.length - 3} more` : "";
  return refusal(
    `Policies or rights of ${tables.slice(0, 3).join(", ")}${more} are missing: the database was restored without them.`,
    RESTORE,
  );
}

export const RESTORE =
  "Make the three roles on this server and restore the dump again, without --no-privileges; docs/postgres.md shows how under Backups.";

function requireAsMade(table: string, policy: Policy, wanted: readonly Wanted[]): void {
  const same = wanted.find(({ name }) => name === policy.name);
  const place = `${SCHEMA}.${table}`;
  if (same === undefined) {
    throw refusal(
      `The policy ${policy.name} on ${table} is none of this store's: it may show rows of other tenants.`,
      `Let the schema's owner run DROP POLICY ${quoted(policy.name)} ON ${place}.`,
    );
  }
  const { kind, roles, using, check } = same;
  if (policy.kind !== kind) {
    throw refusal(`${altered(policy, table)}.`, "Restore a backup: this policy has to be made anew.");
  }
  const isSame = policy.roles === roles && policy.using === packed(using) && policy.check === packed(check);
  if (isSame) return;
  const withCheck = check === null ? "" : ` WITH CHECK (${check})`;
  throw refusal(
    `${altered(policy, table)}.`,
    `Let the schema's owner put it right: ALTER POLICY ${policy.name} ON ${place} TO ${roles} USING (${using})${withCheck}.`,
  );
}

function altered({ name }: Policy, table: string): string {
  return `The policy ${name} on ${table} is not as the migrations made it: tenants would not be kept apart`;
}

/** As `isolate` in schema/postgres makes it, in the words in which PostgreSQL gives it back. */
interface Wanted {
  readonly name: string;
  readonly kind: string;
  readonly roles: string;
  readonly using: string;
  readonly check: string | null;
}

function wantedFor(table: string, ofProjects: boolean): readonly Wanted[] {
  const tenant = `${table === "tenants" ? "id" : "tenant_id"} = (SELECT ${SCHEMA}.current_tenant() AS current_tenant)`;
  const project = `${table === "projects" ? "id" : "project_id"} = ANY ((SELECT ${SCHEMA}.granted_projects() AS granted_projects)::uuid[])`;
  const all = `(SELECT ${SCHEMA}.sees_all_projects() AS sees_all_projects)`;
  const mine = ofProjects ? `((${tenant}) AND (${all} OR (${project})))` : `(${tenant})`;
  return [
    { name: "app", kind: "ALL", roles: "aiknowsys_app", using: mine, check: mine },
    { name: "search", kind: "SELECT", roles: "aiknowsys_search", using: "true", check: null },
    { name: "admin", kind: "ALL", roles: "aiknowsys_admin", using: "true", check: "true" },
  ];
}

/** Partitions have none: they are reached through their parent. One that only narrows takes nothing away from isolation. */
async function readTables(client: Client): Promise<readonly Table[]> {
  const rows = await client.rows(
    `SELECT c.relname, c.relname = 'projects' OR EXISTS (
       SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'project_id' AND NOT a.attisdropped),
       p.polname, CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' ELSE 'another' END,
       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END, ', ') FROM unnest(p.polroles) r),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
     FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polpermissive AND EXISTS (
       SELECT 1 FROM unnest(p.polroles) r WHERE r = 0 OR EXISTS (
         SELECT 1 FROM pg_roles o WHERE o.rolname IN ('aiknowsys_app', 'aiknowsys_search')
           AND pg_has_role(o.oid, r, 'MEMBER')) OR pg_get_userbyid(r) = 'aiknowsys_admin')
     WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (c.relname = 'tenants' OR EXISTS (
         SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
     ORDER BY c.relname, p.polname`,
  );
  const names = [...new Set(rows.map(([table]) => String(table)))];
  return names.map((name) => {
    const mine = rows.filter(([table]) => table === name);
    const policies = mine.flatMap(([, , policy, kind, roles, using, check]) =>
      policy === null
        ? []
        : [
            {
              ...{ name: String(policy), kind: String(kind), roles: String(roles) },
              ...{ using: packed(textOf(using)), check: packed(textOf(check)) },
            },
          ],
    );
    return { name, ofProjects: mine[0]?.[1] === true, policies };
  });
}

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

/** White space differs with the version. */
function packed(expression: string | null): string | null {
  return expression?.replaceAll(/\s/g, "") ?? null;
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function refusal(sentence: string, hint: string): KnowledgeError {
  return new KnowledgeError("unavailable", sentence, { hint });
}
