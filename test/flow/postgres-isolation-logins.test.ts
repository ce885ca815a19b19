import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type PostgresOptions, PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import {
  adminClient,
  asLogin,
  describeWithServer,
  newDatabase,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { refusal, requireWorks } from "./postgres-serving.ts";

const RESTORE =
  "Make the three roles on this server and restore the dump again, without --no-privileges; docs/postgres.md shows how under Backups.";
const OWN_TENANT = "(tenant_id = (SELECT aiknowsys.current_tenant() AS current_tenant))";
const OF_TENANT = `USING (${OWN_TENANT}) WITH CHECK (${OWN_TENANT})`;
const ROLES = ["aiknowsys_app", "aiknowsys_search", "aiknowsys_admin"];

describeWithServer("logins of a PostgreSQL server", () => {
  const databases: TestDatabase[] = [];
  const logins: string[] = [];

  /** A migrated database of the superuser's. */
  const migrated = async () => {
    const database = await newDatabase();
    databases.push(database);
    await (await PostgresStorage.open({ url: database.url, migrate: true })).close();
    return database.url;
  };
  /** A login of this test's own with these attributes, and what it is given. */
  const newLogin = async (url: string, attributes: string, ...grants: readonly string[]) => {
    const name = `login_${randomBytes(6).toString("hex")}`;
    logins.push(name);
    await superuser(url, `CREATE ROLE ${name} LOGIN ${attributes}`);
    await superuser(url, ...grants.map((grant) => grant.replaceAll("$login", name)));
    return asLogin(url, name);
  };
  /** What an owner who is no superuser gets from one, once. */
  const newOwner = async (...more: readonly string[]) => {
    const database = await newDatabase();
    databases.push(database);
    const { url, name } = database;
    return newLogin(url, "CREATEROLE", `ALTER DATABASE ${name} OWNER TO $login`, ...more);
  };

  afterAll(async () => {
    const spare = await newDatabase();
    for (const { drop } of databases) await drop();
    await superuser(spare.url, ...logins.map((login) => `DROP ROLE ${login}`));
    await spare.drop();
  });

  it("serves as the ordinary role, whoever logs in", async () => {
    const url = await migrated();
    const owner = await newOwner("CREATE EXTENSION vector", `GRANT ${ROLES.join()} TO $login`);
    const served = await Promise.all([
      opened({ url }),
      opened({ url: owner, migrate: true }),
      opened({ url: await newLogin(url, "", "GRANT aiknowsys_app TO $login") }),
    ]);
    for (const storage of served) await requireWorks(storage);
  });

  it("serves a login that may enter the role, whether it inherits from it or not", async () => {
    const url = await migrated();
    const version = await superuser(url, "SELECT current_setting('server_version_num')::int");
    // Before version 16 the login's own attribute decides.
    const inherits = (yes: boolean) =>
      Number(version) < 160_000
        ? newLogin(url, yes ? "INHERIT" : "NOINHERIT", "GRANT aiknowsys_app TO $login")
        : newLogin(url, "", `GRANT aiknowsys_app TO $login WITH INHERIT ${yes}`);
    for (const yes of [true, false]) await requireWorks(await opened({ url: await inherits(yes) }));
  });

  it("finds a named tenant for a login that sees no tenant", async () => {
    const url = await migrated();
    await superuser(url, "INSERT INTO aiknowsys.tenants VALUES (gen_random_uuid(), 'harbour', now())");
    const login = await newLogin(url, "", "GRANT aiknowsys_app TO $login");
    await requireWorks(await opened({ url: login, tenant: "harbour" }));
    expect(await refusal(opened({ url: login, tenant: "quarry" }))).toEqual([
      "not_found",
      'There is no tenant "quarry" in this store.',
      "Leave --tenant out to work in the tenant default.",
    ]);
  });

  it("keeps a login that may only enter the ordinary role from all else", async () => {
    const url = await migrated();
    const login = await newLogin(url, "", "GRANT aiknowsys_app TO $login");
    const client = await adminClient(login);
    onTestFinished(() => client.end());
    for (const statement of [
      "SET ROLE aiknowsys_admin",
      "SET ROLE aiknowsys_search",
      "CREATE TABLE aiknowsys.mine ()",
      "ALTER TABLE aiknowsys.plans NO FORCE ROW LEVEL SECURITY",
      "DROP POLICY app ON aiknowsys.plans",
      "CALL aiknowsys.isolate('aiknowsys.plans', 'tenant_id', NULL)",
      "TRUNCATE aiknowsys.plans",
      "SELECT * FROM aiknowsys.tokens",
      "SELECT * FROM aiknowsys.vectors_00",
      "SELECT last_value FROM aiknowsys.chunks_id_seq",
      "UPDATE aiknowsys.changes SET actor = 'nobody'",
      "DELETE FROM aiknowsys.revisions",
    ])
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: "42501" });
  });

  it("says what a login lacks to migrate", async () => {
    const { url } = await newDatabase().then((database) => {
      databases.push(database);
      return database;
    });
    const login = await newLogin(url, "");
    const hint =
      "Run `aiknowsys migrate` with the login that owns the schema aiknowsys (of a new store: the database).";
    const sentence = "This login may not change the schema of the store.";
    expect(await refusal(opened({ url: login, migrate: true }))).toEqual(["unavailable", sentence, hint]);
    await superuser(url, "CREATE SCHEMA aiknowsys");
    expect(await refusal(opened({ url: login, migrate: true }))).toEqual(["unavailable", sentence, hint]);
  });

  it("says what an owner lacks to migrate, one thing after the other, and then migrates", async () => {
    const owner = await newOwner();
    const name = new URL(owner).username;
    const superusers = asLogin(owner, "postgres");
    expect(await refusal(opened({ url: owner, migrate: true }))).toEqual([
      "unavailable",
      "This login may not install pgvector in the database.",
      "Let a superuser, or what a managed service has for one, run CREATE EXTENSION vector there; then try again.",
    ]);
    await superuser(superusers, "CREATE EXTENSION vector");
    expect(await refusal(opened({ url: owner, migrate: true }))).toEqual([
      "unavailable",
      `This login may not enter the role ${ROLES[0]}.`,
      `Let a superuser run GRANT ${ROLES.join(", ")} TO this login; then try again.`,
    ]);
    await superuser(superusers, `GRANT ${ROLES.join(", ")} TO ${name}`);
    await requireWorks(await opened({ url: owner, migrate: true }));
  });

  it("says to whom the schema belongs when another login would change it", async () => {
    const owner = await newOwner("CREATE EXTENSION vector", `GRANT ${ROLES.join()} TO $login`);
    const storage = await opened({ url: owner, migrate: true });
    await requireWorks(storage);
    await superuser(asLogin(owner, "postgres"), "DELETE FROM aiknowsys.schema_migrations WHERE version > 1");
    const other = await newLogin(
      owner.replace(/\/\/\w+/, "//postgres"),
      "",
      `GRANT ${ROLES.join()} TO $login`,
    );
    expect(await refusal(opened({ url: other, migrate: true }))).toEqual([
      "unavailable",
      "This login may not change the schema of the store.",
      expect.any(String),
    ]);
  });

  it("does not serve a login that may not enter the role", async () => {
    const url = await migrated();
    expect(await refusal(opened({ url: await newLogin(url, "") }))).toEqual([
      "unavailable",
      "This login may not enter the role aiknowsys_app.",
      "Let the owner run GRANT aiknowsys_app TO this login, or `aiknowsys migrate` with a login that may.",
    ]);
  });

  it("serves a login that writes every name in quotes", async () => {
    const url = await migrated();
    const login = await newLogin(
      url,
      "",
      "GRANT aiknowsys_app TO $login",
      "ALTER ROLE $login SET quote_all_identifiers = on",
    );
    await requireWorks(await opened({ url: login }));
  });

  describe("where isolation does not hold", () => {
    let url = "";
    beforeAll(async () => {
      url = await migrated();
    });

    it.each([
      [
        "row-level security is off for one table",
        "ALTER TABLE aiknowsys.plans DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE aiknowsys.plans ENABLE ROW LEVEL SECURITY",
        "Row-level security is off for plans: tenants would not be kept apart.",
        "Let the schema's owner run ALTER TABLE aiknowsys.plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY.",
      ],
      [
        "it is not forced on two tables, one of them a partition",
        "ALTER TABLE aiknowsys.tenants NO FORCE ROW LEVEL SECURITY; ALTER TABLE aiknowsys.vectors_07 NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE aiknowsys.tenants FORCE ROW LEVEL SECURITY; ALTER TABLE aiknowsys.vectors_07 FORCE ROW LEVEL SECURITY",
        "Row-level security is off for tenants, vectors_07: tenants would not be kept apart.",
        "Let the schema's owner run ALTER TABLE aiknowsys.tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, and so for each of them.",
      ],
      [
        "a policy lets everybody read",
        "CREATE POLICY support ON aiknowsys.events FOR SELECT USING (true)",
        "DROP POLICY support ON aiknowsys.events",
        "The policy support on events is none of this store's: it may show rows of other tenants.",
        "Let the schema's owner run DROP POLICY support ON aiknowsys.events.",
      ],
      [
        "every login may create functions where they are looked up",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "Every login may create functions in the schema public, where this store's are looked up: tenants would not be kept apart.",
        "Let the schema's owner run REVOKE CREATE ON SCHEMA public FROM PUBLIC; if it must stay, install pgvector in a schema of its own.",
      ],
      [
        "the ordinary role may create functions",
        "GRANT CREATE ON SCHEMA aiknowsys TO aiknowsys_app",
        "REVOKE CREATE ON SCHEMA aiknowsys FROM aiknowsys_app",
        "The role aiknowsys_app may create functions in the schema aiknowsys, where this store's are looked up: tenants would not be kept apart.",
        "Let the schema's owner run REVOKE CREATE ON SCHEMA aiknowsys FROM aiknowsys_app; if it must stay, install pgvector in a schema of its own.",
      ],
      [
        "a further policy only seems to ask for the tenant",
        "CREATE POLICY support ON aiknowsys.plans TO aiknowsys_app USING ((SELECT aiknowsys.current_tenant()) IS NOT NULL)",
        "DROP POLICY support ON aiknowsys.plans",
        "The policy support on plans is none of this store's: it may show rows of other tenants.",
        "Let the schema's owner run DROP POLICY support ON aiknowsys.plans.",
      ],
      [
        "the policy of a table asks less than it did",
        "ALTER POLICY app ON aiknowsys.tokens USING (tenant_id = (SELECT aiknowsys.current_tenant()) OR true)",
        `ALTER POLICY app ON aiknowsys.tokens ${OF_TENANT}`,
        "The policy app on tokens is not as the migrations made it: tenants would not be kept apart.",
        `Let the schema's owner put it right: ALTER POLICY app ON aiknowsys.tokens TO aiknowsys_app ${OF_TENANT}.`,
      ],
      [
        "a table was restored without its policies",
        "DROP POLICY search ON aiknowsys.spaces",
        "CREATE POLICY search ON aiknowsys.spaces FOR SELECT TO aiknowsys_search USING (true)",
        "Policies or rights of spaces are missing: the database was restored without them.",
        RESTORE,
      ],
      [
        "the tables were restored without rights",
        "REVOKE ALL ON aiknowsys.projects FROM aiknowsys_app",
        "GRANT SELECT, INSERT, UPDATE ON aiknowsys.projects TO aiknowsys_app",
        "Policies or rights of projects are missing: the database was restored without them.",
        RESTORE,
      ],
      [
        "a search function was restored without its owner",
        "ALTER FUNCTION aiknowsys.search_words OWNER TO postgres",
        "ALTER FUNCTION aiknowsys.search_words OWNER TO aiknowsys_search",
        "The function aiknowsys.search_words does not belong to aiknowsys_search: searches would find nothing, or too much.",
        "Let a superuser run ALTER FUNCTION aiknowsys.search_words OWNER TO aiknowsys_search, or restore the dump again without --no-owner.",
      ],
      [
        "every login may search",
        "GRANT EXECUTE ON FUNCTION aiknowsys.search_vectors TO PUBLIC",
        "REVOKE ALL ON FUNCTION aiknowsys.search_vectors FROM PUBLIC",
        "Every login may run the function aiknowsys.search_vectors: tenants would not be kept apart.",
        "Let a superuser run REVOKE ALL ON FUNCTION aiknowsys.search_vectors FROM PUBLIC.",
      ],
      [
        "pgvector is too old",
        "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'",
        "UPDATE pg_extension SET extversion = '0.8.0' WHERE extname = 'vector'",
        "pgvector is version 0.7.4 here; AIKnowSys needs 0.8 or newer.",
        "Update it at the server, then run ALTER EXTENSION vector UPDATE in this database.",
      ],
    ])("refuses to serve when %s", async (_, harm, mend, sentence, hint) => {
      await superuser(url, harm);
      expect(await refusal(opened({ url }))).toEqual(["unavailable", sentence, hint]);
      await superuser(url, mend);
      await requireWorks(await opened({ url }));
    });
  });
});

async function opened(options: PostgresOptions): Promise<PostgresStorage> {
  const storage = await PostgresStorage.open({ poolMax: 2, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** Runs statements one by one; gives the first value of the last one's answer. */
async function superuser(url: string, ...statements: readonly string[]): Promise<unknown> {
  const client = await adminClient(asLogin(url, "postgres"));
  let answer: unknown;
  for (const text of statements) answer = (await client.query({ text, rowMode: "array" })).rows?.[0]?.[0];
  await client.end();
  return answer;
}
