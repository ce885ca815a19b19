import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { openPglite } from "../../helpers/pglite-connections.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";

/** Rows of a statement over the catalogue, or of its first column as text. */
interface Catalogue {
  readonly rows: (sql: string) => Promise<readonly (readonly unknown[])[]>;
  readonly texts: (sql: string) => Promise<readonly string[]>;
}

type Rows = Catalogue["rows"];

/** Tables that hold nothing of any tenant's. */
const STORE_TABLES = ["schema_migrations", "store_info"];

/** Keys that do not begin with the columns of their table's owner, and why nothing leaks by them. */
const OTHER_KEYS: Readonly<Record<string, string>> = {
  projects_pkey: "the project is the row itself: tenant_id, id",
  projects_ref_key: "a ref names a project in its tenant, and is derived from its id",
  project_keys_key_key: "a key identifies one project in its whole tenant (RULES 8)",
  tenants_name_key: "the ordinary role sees no tenant but its own and inserts none",
  tenants_pkey: "the tenant is the row itself",
};

/** Rights that somebody besides the owner has on tables without tenants' rows. */
const OPEN_TO_ALL = ["schema_migrations SELECT PUBLIC", "store_info SELECT PUBLIC"];

/** Rights on single columns. */
const COLUMN_RIGHTS = [
  "calls.seq UPDATE aiknowsys_app",
  "changes.seq UPDATE aiknowsys_app",
  "chunks.words UPDATE aiknowsys_app",
  "imported_rows.revision UPDATE aiknowsys_app",
  "tenants.id SELECT aiknowsys_search",
  "tenants.name SELECT aiknowsys_search",
  "tokens.id SELECT aiknowsys_app",
  "tokens.last_used_at SELECT aiknowsys_app",
  "tokens.last_used_at UPDATE aiknowsys_app",
  "tokens.tenant_id SELECT aiknowsys_app",
];

const OURS = "relnamespace = 'aiknowsys'::regnamespace";
const TABLES = `(SELECT * FROM pg_class WHERE ${OURS} AND relkind IN ('r', 'p')) c`;
const TENANTS_TABLES = `(SELECT * FROM pg_class WHERE ${OURS} AND relkind IN ('r', 'p')
  AND relname NOT IN (${STORE_TABLES.map((name) => `'${name}'`).join()})) c`;
const ROLES = ["aiknowsys_admin", "aiknowsys_app", "aiknowsys_search"];

describeWithServer("the catalogue of a PostgreSQL server", () => {
  describeCatalogue("PostgreSQL", async () => {
    const { url, drop } = await newDatabase();
    await (await PostgresStorage.open({ url, migrate: true })).close();
    const client = await adminClient(url);
    const rows: Rows = async (sql) => (await client.query({ text: sql, rowMode: "array" })).rows;
    const close = async () => {
      await client.end();
      await drop();
    };
    return { rows, close };
  });
});

describeCatalogue("PGlite", async () => {
  const connections = await openPglite();
  const storage = await PostgresStorage.over(connections, { migrate: true });
  const rows: Rows = async (sql) => {
    const lent = await connections.lend();
    try {
      return (await lent.query(sql, [])).rows;
    } finally {
      lent.release(false);
    }
  };
  return { rows, close: () => storage.close() };
});

function describeCatalogue(
  name: string,
  open: () => Promise<{ readonly rows: Rows; readonly close: () => Promise<void> }>,
): void {
  describe(`the schema on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    const rows: Rows = async (sql) => (await opened?.rows(sql)) ?? [];
    const texts = async (sql: string) => (await rows(sql)).map(([first]) => String(first));

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    describeTables({ rows, texts });
    describeKeys({ rows, texts });
    describeRights({ rows, texts });
    describeFunctions({ rows, texts });
  });
}

function describeTables({ rows, texts }: Catalogue): void {
  it("gives every table a tenant, but for those that hold nothing of any", async () => {
    const without = await texts(`SELECT relname FROM ${TABLES} WHERE relname <> 'tenants' AND NOT EXISTS (
      SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER BY relname`);
    expect(without).toEqual(STORE_TABLES);
  });

  it("turns row-level security on and forces it on every tenant's table, partitions too", async () => {
    const open = `SELECT relname FROM ${TENANTS_TABLES} WHERE NOT (relrowsecurity AND relforcerowsecurity)`;
    expect(await texts(open)).toEqual([]);
    expect(await texts(`SELECT relname FROM ${TENANTS_TABLES} WHERE relispartition`)).toHaveLength(16);
  });

  it("gives every tenant's table the same three policies, with USING and WITH CHECK", async () => {
    const found =
      await rows(`SELECT c.relname, p.policyname, p.permissive, p.cmd, p.roles::text, p.qual, p.with_check
      FROM ${TENANTS_TABLES} LEFT JOIN pg_policies p ON p.schemaname = 'aiknowsys' AND p.tablename = c.relname
      WHERE NOT relispartition ORDER BY c.relname, p.policyname`);
    const ofProjects = await texts(`SELECT relname FROM ${TENANTS_TABLES} WHERE EXISTS (
      SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'project_id')`);
    const tables = [...new Set(found.map(([table]) => String(table)))];
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) {
      const mine = conditionOf(table, ofProjects);
      expect(found.filter(([of]) => of === table).map((row) => row.slice(1).map(withoutSpaces))).toEqual([
        ["admin", "PERMISSIVE", "ALL", "{aiknowsys_admin}", "true", "true"],
        ["app", "PERMISSIVE", "ALL", "{aiknowsys_app}", mine, mine],
        ["search", "PERMISSIVE", "SELECT", "{aiknowsys_search}", "true", null],
      ]);
    }
  });

  it("shuts partitions: they have neither policies nor rights of their own", async () => {
    const open = await texts(`SELECT relname FROM ${TENANTS_TABLES} WHERE relispartition AND (
      EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
      OR EXISTS (SELECT 1 FROM aclexplode(relacl) WHERE grantee <> relowner))`);
    expect(open).toEqual([]);
  });

  it("has no view that would read as its owner", async () => {
    const views = `SELECT relname FROM pg_class WHERE ${OURS} AND (relkind = 'm' OR relkind = 'v'
      AND NOT coalesce(reloptions @> '{security_invoker=true}', false))`;
    expect(await texts(views)).toEqual([]);
  });
}

/** The condition of the ordinary role's policy as PostgreSQL writes it, without spaces. */
function conditionOf(table: string, ofProjects: readonly string[]): string {
  const tenant = `${table === "tenants" ? "id" : "tenant_id"}=(SELECTcurrent_tenant()AScurrent_tenant)`;
  const column = table === "projects" ? "id" : "project_id";
  if (table !== "projects" && !ofProjects.includes(table)) return `(${tenant})`;
  const granted = `(${column}=ANY((SELECTgranted_projects()ASgranted_projects)::uuid[]))`;
  return `((${tenant})AND((SELECTsees_all_projects()ASsees_all_projects)OR${granted}))`;
}

function withoutSpaces(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/\s|aiknowsys\./g, "") : value;
}

function describeKeys({ rows, texts }: Catalogue): void {
  it("begins every unique key with tenant and project, but for those that have a reason", async () => {
    const keys = await rows(`SELECT i.relname, ${columnsOf("x.indrelid", "x.indkey::int2[]")},
        EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'project_id')
      FROM ${TENANTS_TABLES} JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE x.indisunique AND NOT c.relispartition ORDER BY i.relname`);
    expect(keys.length).toBeGreaterThan(25);
    const other = keys.filter(([, columns, ofProject]) => !begins(columns, ofProject === true));
    expect(other.map(([name]) => name)).toEqual(
      Object.keys(OTHER_KEYS).filter((name) => !["projects_pkey", "projects_ref_key"].includes(name)),
    );
    const tenants = keys.filter(([, columns]) => !String(columns).startsWith("tenant_id"));
    expect(tenants.map(([name]) => name)).toEqual(["tenants_name_key", "tenants_pkey"]);
  });

  it("begins every foreign key with tenant and project on both sides", async () => {
    const keys =
      await rows(`SELECT k.conname, ${columnsOf("k.conrelid", "k.conkey")}, ${columnsOf("k.confrelid", "k.confkey")}
      FROM ${TENANTS_TABLES} JOIN pg_constraint k ON k.conrelid = c.oid WHERE k.contype = 'f' AND k.conparentid = 0`);
    expect(keys.length).toBeGreaterThan(15);
    const sides = new Set(keys.map(([, from, to]) => `${String(from)} → ${String(to)}`));
    expect([...sides].sort()).toEqual([
      "tenant_id → id",
      "tenant_id,project_id → tenant_id,id",
      "tenant_id,project_id,chunk_id → tenant_id,project_id,id",
      "tenant_id,project_id,plan_id → tenant_id,project_id,id",
      "tenant_id,space_id → tenant_id,id",
    ]);
  });

  it("keeps text in indexes in the order of its bytes", async () => {
    const other = await texts(`SELECT DISTINCT i.relname FROM ${TABLES} JOIN pg_index x ON x.indrelid = c.oid
      JOIN pg_class i ON i.oid = x.indexrelid, unnest(x.indcollation::oid[]) AS used (collation_id)
      WHERE used.collation_id NOT IN (0, 'pg_catalog."C"'::regcollation) ORDER BY 1`);
    expect(other).toEqual([]);
  });
}

function columnsOf(table: string, numbers: string): string {
  return `(SELECT string_agg(a.attname, ',' ORDER BY n.place) FROM unnest(${numbers}) WITH ORDINALITY AS n (attnum, place)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = n.attnum)`;
}

function begins(columns: unknown, ofProject: boolean): boolean {
  return String(columns).startsWith(ofProject ? "tenant_id,project_id" : "tenant_id");
}

function describeRights({ rows, texts }: Catalogue): void {
  const granted = (kinds: string) => `SELECT c.relname || ' ' || a.privilege_type || ' '
      || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.${OURS} AND c.relkind IN (${kinds}) AND a.grantee <> c.relowner`;

  it("keeps the roles without logins and without a way past row-level security", async () => {
    const found = await rows(`SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb
      FROM pg_roles WHERE rolname LIKE 'aiknowsys%' ORDER BY rolname`);
    expect(found).toEqual(ROLES.map((role) => [role, false, false, false, false, false]));
  });

  it("makes none of the roles a member of another role", async () => {
    const members = `SELECT member::regrole FROM pg_auth_members WHERE member IN (SELECT oid FROM pg_roles
      WHERE rolname LIKE 'aiknowsys%')`;
    expect(await texts(members)).toEqual([]);
  });

  it("gives tables to the three roles only, and to none what row-level security does not hold", async () => {
    const rights = await texts(granted("'r', 'p', 'v'"));
    expect(rights.filter((right) => right.endsWith("PUBLIC")).sort()).toEqual(OPEN_TO_ALL);
    const others = rights.filter((right) => !OPEN_TO_ALL.includes(right)).map((right) => right.split(" "));
    expect([...new Set(others.map(([, , grantee]) => grantee))].sort()).toEqual(ROLES);
    expect(others.filter(([, right]) => !/^(?:SELECT|INSERT|UPDATE|DELETE)$/.test(right ?? ""))).toEqual([]);
    const searched = others.filter(([, , grantee]) => grantee === "aiknowsys_search");
    expect(searched.filter(([, right]) => right !== "SELECT")).toEqual([]);
    expect(others.filter(([table, , grantee]) => table === "tokens" && grantee === "aiknowsys_app")).toEqual(
      [],
    );
  });

  it("gives rights on single columns only where the whole row would be too much", async () => {
    const found =
      await texts(`SELECT c.relname || '.' || a.attname || ' ' || r.privilege_type || ' ' || r.grantee::regrole
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) r
      WHERE c.${OURS} AND r.grantee <> c.relowner ORDER BY 1`);
    expect(found).toEqual(COLUMN_RIGHTS);
  });

  it("gives nobody the counters behind identities: they tell how much others write", async () => {
    expect(await texts(granted("'S'"))).toEqual([]);
  });

  it("lets nobody but its owner create in the schema", async () => {
    const others = await texts(`SELECT a.grantee::regrole FROM pg_namespace n, aclexplode(n.nspacl) a
      WHERE n.nspname = 'aiknowsys' AND a.grantee <> n.nspowner AND a.privilege_type = 'CREATE'`);
    expect(others).toEqual([]);
  });
}

function describeFunctions({ rows, texts }: Catalogue): void {
  it("lets functions with their owner's rights belong to aiknowsys_search, with a fixed path, for the ordinary role only", async () => {
    const found = await rows(`SELECT p.proname, p.proowner::regrole::text, p.proconfig::text,
        (SELECT string_agg(a.grantee::regrole::text, ',' ORDER BY 1) FROM aclexplode(p.proacl) a
         WHERE a.grantee <> p.proowner), p.proacl IS NULL
      FROM pg_proc p WHERE p.pronamespace = 'aiknowsys'::regnamespace AND p.prosecdef ORDER BY p.proname`);
    expect(found.map(([name]) => name)).toEqual(expect.arrayContaining(["search_vectors", "search_words"]));
    for (const [name, owner, settings, grantees, open] of found) {
      expect({ name, owner, grantees, open }).toEqual({
        name,
        owner: "aiknowsys_search",
        grantees: "aiknowsys_app",
        open: false,
      });
      // Temporary objects come last: nobody can put one of theirs before ours.
      expect(String(settings)).toMatch(/search_path=.*aiknowsys.*pg_temp/);
    }
  });

  it("lets aiknowsys_search own functions and nothing else", async () => {
    expect(await texts(`SELECT relname FROM pg_class WHERE relowner = 'aiknowsys_search'::regrole`)).toEqual(
      [],
    );
  });

  it("lets nobody run any function but the roles that need it", async () => {
    const open = await texts(`SELECT p.proname FROM pg_proc p,
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      WHERE p.pronamespace = 'aiknowsys'::regnamespace AND a.grantee = 0 ORDER BY 1`);
    expect(open).toEqual([]);
    const forSearches =
      await texts(`SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'aiknowsys'::regnamespace
      AND NOT has_function_privilege('aiknowsys_app', p.oid, 'EXECUTE') ORDER BY 1`);
    expect(forSearches).toEqual(["indexed_parts", "isolate", "one_of", "term_share", "times_said"]);
  });

  it("keeps procedures that change the schema from everybody else", async () => {
    const open = await texts(`SELECT proname FROM pg_proc WHERE pronamespace = 'aiknowsys'::regnamespace
      AND prokind = 'p' AND (proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(proacl) WHERE grantee <> proowner))`);
    expect(open).toEqual([]);
  });
}
