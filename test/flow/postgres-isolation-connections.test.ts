import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../lib/storage/postgres/address.ts";
import { openDatabase } from "../../lib/storage/postgres/database.ts";
import type { Connections } from "../../lib/storage/postgres/driver.ts";
import { openPool } from "../../lib/storage/postgres/pool.ts";
import { adminClient, describeWithServer, type TestDatabase } from "../helpers/postgres.ts";
import { ownerOf, type Planted, plantedDatabase, TENANTS } from "../helpers/postgres-tenants.ts";
import { context, eventDraft, nextRowId, planDraft, write } from "../helpers/store.ts";

const PIER = ownerOf("harbour", "pierrot");
const STONE = ownerOf("quarry", "stonecutter");
/** What the database refuses in the middle of a transaction. */
const NO_RUN = { root: "/x", globs: "{}", at: "no date" };
const SEARCH = `SELECT chunk FROM aiknowsys.search_words(ARRAY[$1]::uuid[], ARRAY['crane'], NULL, NULL, ARRAY['crane'],
  ARRAY[1.0], 1.2, 0.75, 5, NULL, NULL, true, NULL, NULL, 100)`;

const NEAREST = `SELECT chunk FROM aiknowsys.search_vectors(ARRAY[$1]::uuid[], ARRAY[12], 1000000, $2, '[1,0,0]', 3,
  NULL, NULL, true, NULL, NULL, 100)`;

describeWithServer("what connections leave behind", () => {
  let database: TestDatabase | undefined;
  let pier: Planted | undefined;
  let stone: Planted | undefined;
  let client: pg.Client | undefined;
  /** One connection, so that the next caller has the one before's. */
  let connections: Connections | undefined;
  let store: PostgresStorage | undefined;

  const raw = () => {
    if (client === undefined) throw new Error("There is no connection.");
    return client;
  };
  const stores = () => {
    if (store === undefined) throw new Error("There is no store.");
    const harbour = store.granted({ tenant: TENANTS.harbour, projects: "all" });
    const quarry = store.granted({ tenant: TENANTS.quarry, projects: "all" });
    return { harbour, quarry };
  };
  /** A transaction of the ordinary role with these settings; rolled back. */
  const asApp = async <Result>(
    settings: Readonly<Record<string, string>>,
    work: (client: pg.Client) => Promise<Result>,
  ): Promise<Result> => {
    await raw().query("BEGIN; SET LOCAL ROLE aiknowsys_app; SET LOCAL search_path = aiknowsys, public");
    try {
      for (const [name, value] of Object.entries(settings))
        await raw().query("SELECT set_config($1, $2, true)", [`aiknowsys.${name}`, value]);
      return await work(raw());
    } finally {
      await raw().query("ROLLBACK");
    }
  };
  const HARBOUR = { tenant: TENANTS.harbour, projects: "*" };

  beforeAll(async () => {
    const world = await plantedDatabase([PIER, STONE]);
    database = world.database;
    [pier, stone] = world.planted;
    client = await adminClient(database.url);
    connections = openPool({ address: parseAddress(database.url), max: 1 });
    store = await PostgresStorage.over(connections, {});
  });
  afterAll(async () => {
    await client?.end();
    await store?.close();
    await database?.drop();
  });

  const readable = async () => {
    const { rows } = await raw().query<{ name: string }>(`SELECT c.relname AS name FROM pg_class c
      WHERE c.relnamespace = 'aiknowsys'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
        AND has_table_privilege('aiknowsys_app', c.oid, 'SELECT') ORDER BY 1`);
    return rows.map(({ name }) => name);
  };

  it.each([
    ["nothing is said", {}],
    ["the settings are empty, as a transaction before leaves them", { tenant: "", projects: "" }],
    ["the tenant is unset", { projects: "*" }],
    ["there is no such tenant", { tenant: TENANTS.default, projects: "*" }],
    ["a tenant of others is named by its project", { tenant: PIER.project.id, projects: "*" }],
  ])("shows no row of any table when %s", async (_, settings: Readonly<Record<string, string>>) => {
    const tables = await readable();
    expect(tables.length).toBeGreaterThan(15);
    await asApp(settings, async (app) => {
      for (const table of tables.filter((name) => name !== "tenants" || settings.tenant !== TENANTS.default))
        expect((await app.query(`SELECT 1 FROM ${table}`)).rows, table).toEqual([]);
      for (const { project } of [PIER, STONE])
        expect((await app.query(SEARCH, [project.id])).rows).toEqual([]);
    });
  });

  it("lets the search functions, which see everything, look no further than the settings, whatever they are asked", async () => {
    const sql = "SELECT id FROM aiknowsys.spaces WHERE tenant_id = $1";
    const { rows: spaces } = await raw().query<{ id: number }>(sql, [TENANTS.quarry]);
    const found = (settings: Readonly<Record<string, string>>) =>
      asApp(settings, async (app) => {
        const counts = [(await app.query(SEARCH, [STONE.project.id])).rows.length];
        for (const { id } of spaces)
          counts.push((await app.query(NEAREST, [STONE.project.id, id])).rows.length);
        return counts;
      });
    const quarry = (projects: string) => found({ tenant: TENANTS.quarry, projects });
    for (const granted of ["*", `{${STONE.project.id}}`]) expect(await quarry(granted)).toEqual([12, 5, 5]);
    for (const granted of ["", "{}", `{${PIER.project.id}}`])
      expect(await quarry(granted)).toEqual([0, 0, 0]);
    // Not even where somebody has granted to one tenant what is another's.
    for (const granted of ["*", `{${STONE.project.id}}`])
      expect(await found({ tenant: TENANTS.harbour, projects: granted })).toEqual([0, 0, 0]);
  });

  it("shows rows of the tenant, but not its projects' when none is granted", async () => {
    const { rows } = await asApp({ tenant: TENANTS.harbour }, (app) => app.query("SELECT 1 FROM plans"));
    expect(rows).toEqual([]);
    const own = await asApp(HARBOUR, (app) => app.query("SELECT DISTINCT project_id FROM plans"));
    expect(own.rows).toEqual([{ project_id: PIER.project.id }]);
  });

  it.each([
    ["a row of theirs", "INSERT INTO project_roots VALUES ($1, $2, '/x', 9)"],
    ["one's own rows over to them", "UPDATE plans SET tenant_id = $1, project_id = $2"],
    ["one's own file list over to them", "UPDATE source_files SET tenant_id = $1, project_id = $2"],
    ["a vector of theirs", "INSERT INTO vectors VALUES ($1, $2, 1, 1, '', '[1,0,0]')"],
    [
      "a passage's count of theirs",
      "INSERT INTO term_frequencies (tenant_id, project_id, term, count) VALUES ($1, $2, 'x', 1)",
    ],
  ])("refuses to write %s", async (_, sql) => {
    const written = asApp(HARBOUR, (app) => app.query(sql, [TENANTS.quarry, STONE.project.id]));
    await expect(written).rejects.toMatchObject({ code: "42501" });
  });

  it.each([
    "UPDATE plans SET title = 'mine' WHERE tenant_id = $1 AND project_id = $2",
    "DELETE FROM chunks WHERE tenant_id = $1 AND project_id = $2",
    "DELETE FROM source_files WHERE tenant_id = $1 AND project_id = $2",
  ])("changes nothing of theirs by %s", async (sql) => {
    const { rowCount } = await asApp(HARBOUR, (app) => app.query(sql, [TENANTS.quarry, STONE.project.id]));
    expect(rowCount).toBe(0);
  });

  it("tells by no refused key whether somebody else has it", async () => {
    const sql = "INSERT INTO plan_links VALUES ($1, $2, $3, 9, 'needs', 'x')";
    const refused = (id: string, project: string) =>
      asApp(HARBOUR, (app) => app.query(sql, [TENANTS.harbour, project, id])).then(
        () => "kept",
        ({ code, message, detail }: pg.DatabaseError) => ({
          code,
          message,
          detail: detail?.replaceAll(id, "id").replaceAll(project, "project"),
        }),
      );
    const theirs = await refused(String(STONE.ids.plan[0]), STONE.project.id);
    expect(theirs).toEqual(await refused(nextRowId(), nextRowId()));
    expect(theirs).toMatchObject({ code: "23503" });
  });

  it("lets no function of the caller's look at rows before the policy has", async () => {
    const seen: string[] = [];
    const listen = ({ message = "" }) => void seen.push(message);
    raw().on("notice", listen);
    await asApp(HARBOUR, async (app) => {
      await app.query(`CREATE FUNCTION pg_temp.peek(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
        $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`);
      for (const table of ["plans", "sessions", "patterns"])
        await app.query(`SELECT 1 FROM ${table} WHERE pg_temp.peek(title)`);
      await app.query("SELECT 1 FROM chunks WHERE pg_temp.peek(text)");
    });
    raw().off("notice", listen);
    expect(seen.join()).toContain(PIER.word);
    expect(seen.join()).not.toContain(STONE.word);
  });

  it("keeps statistics of columns, which hold values, from the ordinary role", async () => {
    await raw().query(
      "ANALYZE aiknowsys.plans, aiknowsys.events, aiknowsys.chunks, aiknowsys.term_frequencies",
    );
    const sql = "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'aiknowsys'";
    expect((await raw().query(sql)).rows.length).toBeGreaterThan(20);
    expect((await asApp(HARBOUR, (app) => app.query(sql))).rows).toEqual([]);
  });

  it.each(["force_custom_plan", "force_generic_plan"])(
    "asks a prepared statement anew whose rows it may show, with %s",
    async (mode) => {
      await raw().query(`SET plan_cache_mode = ${mode}`);
      await raw().query("SET search_path = aiknowsys, public");
      await raw().query(`PREPARE titles AS SELECT DISTINCT project_id FROM plans`);
      await raw().query(`PREPARE found (uuid) AS ${SEARCH}`);
      const execute = (settings: Readonly<Record<string, string>>, project = STONE.project.id) =>
        asApp(settings, async (app) => ({
          projects: (await app.query("EXECUTE titles")).rows.map(({ project_id: id }) => id),
          chunks: (await app.query(`EXECUTE found ('${project}')`)).rows.length,
        }));
      const QUARRY = { tenant: TENANTS.quarry, projects: "*" };
      for (let round = 0; round < 7; round++) {
        expect(await execute(QUARRY)).toEqual({ projects: [STONE.project.id], chunks: 12 });
        expect(await execute(HARBOUR)).toEqual({ projects: [PIER.project.id], chunks: 0 });
        expect(await execute({ ...QUARRY, projects: "{}" })).toEqual({ projects: [], chunks: 0 });
        expect(await execute({})).toEqual({ projects: [], chunks: 0 });
      }
      await raw().query("DEALLOCATE ALL; RESET plan_cache_mode; RESET search_path");
    },
  );

  it("leaves no role and no setting in a connection after success and failure", async () => {
    const { harbour, quarry } = stores();
    const broken = write(planDraft(STONE.project.id, { title: "x".repeat(10), createdAt: "no date" }));
    const failures = [
      () => quarry.transaction(context(STONE.project.id), [broken]),
      () => quarry.plans.query({ projects: [STONE.project.id] }, { limit: 1, cursor: "broken" }),
      () => quarry.sources.recordRun(STONE.project.id, NO_RUN),
      () => quarry.transaction(context(PIER.project.id), [write(eventDraft(PIER.project.id))]),
    ];
    for (const fail of failures) {
      await expect(fail()).rejects.toBeInstanceOf(Error);
      expect(await harbour.projects.list()).toEqual([pier?.registered]);
      expect(await quarry.projects.list()).toEqual([stone?.registered]);
      const lent = await connections?.lend();
      const left = await lent?.query("SELECT current_user, current_setting('aiknowsys.tenant', true)", []);
      lent?.release(false);
      expect(left?.rows).toEqual([["postgres", ""]]);
    }
  });

  it("keeps callers apart who take turns and who ask at once", async () => {
    const open = await PostgresStorage.open({ url: database?.url ?? "", poolMax: 3 });
    const owners = [pier, stone].flatMap((owner) => owner ?? []);
    const rounds = Array.from({ length: 120 }, (_, i) => owners[i % 2]).flatMap((owner) => owner ?? []);
    await Promise.all(
      rounds.map(async ({ tenant, project, word }, i) => {
        const own = open.granted({ tenant: TENANTS[tenant], projects: "all" });
        if (i % 5 === 0)
          await expect(own.sources.recordRun(project.id, NO_RUN)).rejects.toBeInstanceOf(Error);
        const { items } = await own.events.query(
          { projects: [PIER.project.id, STONE.project.id] },
          { limit: 9 },
        );
        expect(items.map(({ project: of, summary }) => [of, summary.includes(word)])).toEqual(
          Array.from({ length: 3 }, () => [project.id, true]),
        );
      }),
    );
    await open.close();
  });
});

it("sends nothing behind a transaction that could not begin: it would run as the login itself", async () => {
  const sent: string[] = [];
  const fail = async (sql: string): Promise<never> => {
    sent.push(sql.split(" ")[0] ?? "");
    throw new Error("canceling statement due to user request");
  };
  const lent = { script: fail, answers: fail, query: fail, release: () => undefined };
  const connections = {
    location: "nowhere",
    most: 1,
    lend: async () => lent,
    figures: () => ({ total: 1, idle: 0, waiting: 0 }),
    close: async () => undefined,
  };
  const access = { role: "aiknowsys_app", tenant: TENANTS.harbour, projects: "all" } as const;
  const database = openDatabase({ connections, access, searchPath: ["aiknowsys"] });
  await expect(database.write((client) => client.run("DELETE FROM plans"))).rejects.toThrow();
  expect(sent).toEqual(["BEGIN", "ROLLBACK"]);
});
