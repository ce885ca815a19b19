import { randomBytes } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import {
  adminClient,
  asLogin,
  describeWithServer,
  newDatabase,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { refusal, requireWorks } from "./postgres-serving.ts";

const RENAME = "Rename it (ALTER SCHEMA aiknowsys RENAME TO another), or name another database.";
const foreign = (what: string) =>
  `The schema aiknowsys of this database is somebody else's: it holds the ${what}, which is none of this program's.`;

describeWithServer("a database that somebody else has been in before", () => {
  const logins: string[] = [];
  const databases: TestDatabase[] = [];
  let url = "";

  beforeEach(async () => {
    const database = await newDatabase();
    databases.push(database);
    url = database.url;
  });
  afterAll(async () => {
    for (const { drop } of databases) await drop();
    const spare = await newDatabase();
    for (const login of logins) await run(spare.url, `DROP ROLE ${login}`);
    await spare.drop();
  });

  const newLogin = async () => {
    const name = `login_${randomBytes(6).toString("hex")}`;
    logins.push(name);
    await run(url, `CREATE ROLE ${name} LOGIN CREATEROLE`);
    return name;
  };

  describe("a schema of the store's name", () => {
    it.each([
      ["a table of a name that the store uses", "CREATE TABLE aiknowsys.projects (id int)", "table projects"],
      ["another store_info", "CREATE TABLE aiknowsys.store_info (x int)", "table store_info"],
      ["a function", "CREATE FUNCTION aiknowsys.mine() RETURNS int LANGUAGE sql RETURN 1", "function mine"],
    ])("is not filled when it holds %s", async (_, sql, what) => {
      await run(url, `CREATE SCHEMA aiknowsys; ${sql}`);
      expect(await refusal(opened(url, true))).toEqual(["unavailable", foreign(what), RENAME]);
    });

    it("is told from ours when it holds the table of another program's migrations", async () => {
      await run(url, "CREATE SCHEMA aiknowsys; CREATE TABLE aiknowsys.schema_migrations (version bigint)");
      const answer = ["unavailable", foreign("table schema_migrations"), RENAME];
      expect(await refusal(opened(url, true))).toEqual(answer);
      expect(await refusal(opened(url, false))).toEqual(answer);
    });

    it("is not filled by a superuser when it belongs to another login", async () => {
      const owner = await newLogin();
      await run(url, `CREATE SCHEMA aiknowsys AUTHORIZATION ${owner}`);
      expect(await refusal(opened(url, true))).toEqual([
        "unavailable",
        `The schema aiknowsys belongs to ${owner}, who could drop what postgres keeps in it.`,
        `Let a superuser run ALTER SCHEMA aiknowsys OWNER TO postgres, or run \`aiknowsys migrate\` as ${owner}.`,
      ]);
      await run(url, "ALTER SCHEMA aiknowsys OWNER TO postgres");
      await requireWorks(await opened(url, true));
      await run(url, `ALTER SCHEMA aiknowsys OWNER TO ${owner}`);
      expect(await refusal(opened(url, false))).toEqual([
        "unavailable",
        `The schema aiknowsys belongs to ${owner}, who could drop what postgres keeps in it.`,
        expect.any(String),
      ]);
    });
  });

  describe("pgvector in a schema of its own", () => {
    it("is opened to the store's roles by who may, and only then used", async () => {
      await run(url, "CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions");
      await requireWorks(await opened(url, true));
      await run(url, "REVOKE USAGE ON SCHEMA extensions FROM aiknowsys_search");
      expect(await refusal(opened(url, false))).toEqual([
        "unavailable",
        "pgvector is in the schema extensions, which aiknowsys_search may not use.",
        "Let that schema's owner run GRANT USAGE ON SCHEMA extensions TO aiknowsys_search; then try again.",
      ]);
    });

    it.each([
      [
        "has no right to it",
        "GRANT aiknowsys_app TO $login",
        "aiknowsys_admin, aiknowsys_app, aiknowsys_search, $login",
      ],
      [
        "may use it alone",
        "GRANT USAGE ON SCHEMA extensions TO $login",
        "aiknowsys_admin, aiknowsys_app, aiknowsys_search",
      ],
    ])("is asked for by a login that %s", async (_, right, roles) => {
      const login = await newLogin();
      await run(url, "CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions");
      await run(url, `GRANT aiknowsys_app, aiknowsys_search, aiknowsys_admin TO ${login}`);
      await run(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${login}`);
      await run(url, right.replace("$login", login));
      const named = roles.replace("$login", login);
      expect(await refusal(opened(asLogin(url, login), true))).toEqual([
        "unavailable",
        `pgvector is in the schema extensions, which ${named} may not use.`,
        `Let that schema's owner run GRANT USAGE ON SCHEMA extensions TO ${named}; then try again.`,
      ]);
      await run(url, `GRANT USAGE ON SCHEMA extensions TO ${named}`);
      await requireWorks(await opened(asLogin(url, login), true));
    });
  });
});

async function opened(url: string, migrate: boolean): Promise<PostgresStorage> {
  const storage = await PostgresStorage.open({ url, migrate, poolMax: 2 });
  onTestFinished(() => storage.close());
  return storage;
}

async function run(url: string, sql: string): Promise<void> {
  const client = await adminClient(url);
  await client.query(sql).finally(() => client.end());
}
