import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../../lib/storage/postgres/address.ts";
import { type DatabaseOptions, openDatabase } from "../../../lib/storage/postgres/database.ts";
import { openPool, type PoolOptions } from "../../../lib/storage/postgres/pool.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../../helpers/postgres.ts";
import { listening, openWire, type Wire } from "../../helpers/postgres-wire.ts";
import { newProject, projectDraft } from "../../helpers/store.ts";

let made: TestDatabase;

function poolOf(url: string, options: Partial<PoolOptions> = {}) {
  const pool = openPool({ address: parseAddress(url), ...options });
  onTestFinished(() => pool.close());
  return pool;
}

function databaseOf(url: string, options: Partial<DatabaseOptions & PoolOptions> = {}) {
  const connections = poolOf(url, options);
  const access = { role: "aiknowsys_app", tenant: DEFAULT_TENANT, projects: "all" } as const;
  return openDatabase({ connections, access, searchPath: ["aiknowsys", "public"], ...options });
}

async function wireTo(url: string): Promise<Wire> {
  const wire = await openWire(url);
  onTestFinished(() => wire.close());
  return wire;
}

async function asAdmin(sql: string): Promise<unknown> {
  const client = await adminClient(made.url);
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Connections to the test's database besides the asking one. */
const OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

beforeAll(async () => {
  made = await newDatabase().catch(() => ({ url: "", name: "", drop: async () => undefined }));
  if (made.url !== "") await (await PostgresStorage.open({ url: made.url, migrate: true })).close();
});
afterAll(() => made.drop());

describeWithServer("a pool", () => {
  it("survives the loss of its idle connections and replaces them", async () => {
    let losses = 0;
    const onLost = () => {
      losses += 1;
    };
    const pool = poolOf(made.url, { onLost });
    const both = await Promise.all([pool.lend(), pool.lend()]);
    for (const lent of both) lent.release(false);
    expect(pool.figures()).toEqual({ total: 2, idle: 2, waiting: 0 });
    await asAdmin(`SELECT count(pg_terminate_backend(pid)) ${OTHERS}`);
    await expect.poll(() => losses).toBe(2);
    const lent = await pool.lend();
    expect((await lent.query("SELECT 1", [])).rows).toEqual([[1]]);
    lent.release(false);
    expect(pool.figures()).toEqual({ total: 1, idle: 1, waiting: 0 });
  });

  it("lets nobody wait longer than it was told for a connection that does not come free", async () => {
    const database = databaseOf(made.url, { max: 1, connectTimeoutMs: 100, patienceMs: 0 });
    await database.read(async () => {
      await expect(database.read(async () => undefined)).rejects.toMatchObject({ code: "unavailable" });
    });
    expect(await database.read((client) => client.rows("SELECT 1"))).toEqual([[1]]);
  });

  it("lets nobody wait longer for a server that accepts and says nothing", async () => {
    const mute = createServer();
    const url = await listening(mute, new URL(made.url));
    onTestFinished(() => void mute.close());
    const database = databaseOf(url, { connectTimeoutMs: 100, patienceMs: 0 });
    await expect(database.read(async () => undefined)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("takes a server that falls silent for lost, and finds it again", async () => {
    const wire = await wireTo(made.url);
    const database = databaseOf(wire.url, { answerTimeoutMs: 150, connectTimeoutMs: 2_000, patienceMs: 0 });
    await database.read((client) => client.rows("SELECT 1"));
    wire.decide(() => "swallow");
    await expect(database.read((client) => client.rows("SELECT 1"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("lost"),
    });
    wire.decide(() => "pass");
    expect(await database.read((client) => client.rows("SELECT 2"))).toEqual([[2]]);
  });

  it("leaves slow work alone that the server is still at", async () => {
    const database = databaseOf(made.url, { answerTimeoutMs: 400 });
    // Together longer than the limit, each of them shorter.
    const sleeps = await database.read((client) =>
      Promise.all([1, 2, 3].map(() => client.rows("SELECT pg_sleep(0.2)::text"))),
    );
    expect(sleeps).toHaveLength(3);
  });

  it("waits for a statement as long as it may take", async () => {
    const database = databaseOf(made.url, { answerTimeoutMs: 150, statementTimeoutMs: 5_000 });
    expect(await database.read((client) => client.rows("SELECT pg_sleep(0.5)::text"))).toEqual([[""]]);
  });
});

describeWithServer("closing", () => {
  it("waits for work that is under way or stands in line, refuses later work, and leaves no connection", async () => {
    const storage = await PostgresStorage.open({ url: made.url, poolMax: 2 });
    const drafts = Array.from({ length: 12 }, () => projectDraft());
    const underWay = Promise.all(drafts.map((draft) => storage.projects.register(draft)));
    const closing = storage.close();
    await expect(storage.projects.list()).rejects.toMatchObject({
      code: "unavailable",
      message: "The store is closed.",
      hint: "Open it again.",
    });
    expect(await underWay).toHaveLength(12);
    await closing;
    await storage.close();
    await expect.poll(() => asAdmin(`SELECT count(*)::int ${OTHERS}`)).toBe(0);
    const rows = await asAdmin(
      `SELECT count(*)::int FROM aiknowsys.projects WHERE id IN (${drafts.map(({ id }) => `'${id}'`).join()})`,
    );
    expect(rows).toBe(12);
  });
});

describeWithServer("a transaction", () => {
  it("is done again after a serialization failure, and gives up after some", async () => {
    const database = databaseOf(made.url);
    let attempts = 0;
    const failing = (times: number) =>
      database.write(async (client) => {
        attempts += 1;
        const fail = "DO $$ BEGIN RAISE 'collided' USING ERRCODE = '40001'; END $$";
        if (attempts <= times) await client.run(fail);
        return attempts;
      });
    expect(await failing(3)).toBe(4);
    attempts = 0;
    await expect(failing(1_000)).rejects.toMatchObject({ code: "unavailable" });
    expect(attempts).toBe(10);
  });

  it("is done again after a deadlock", async () => {
    const database = databaseOf(made.url);
    let attempts = 0;
    const crossing = (first: number, second: number) =>
      database.write(async (client) => {
        attempts += 1;
        await client.rows("SELECT pg_advisory_xact_lock(?::int)::text", first);
        await sleep(100);
        await client.rows("SELECT pg_advisory_xact_lock(?::int)::text", second);
        return "done";
      });
    expect(await Promise.all([crossing(1, 2), crossing(2, 1)])).toEqual(["done", "done"]);
    expect(attempts).toBe(3);
  });

  it("is done again when its connection is lost before COMMIT", async () => {
    const database = databaseOf(made.url);
    let attempts = 0;
    const pid = await database.write(async (client) => {
      attempts += 1;
      const [row] = await client.rows("SELECT pg_backend_pid()");
      if (attempts === 1) await asAdmin(`SELECT pg_terminate_backend(${Number(row?.[0])}, 5000)`);
      await client.rows("SELECT 1");
      return row?.[0];
    });
    expect([attempts, typeof pid]).toEqual([2, "number"]);
  });

  it("says that nobody knows what became of it when its connection is lost during COMMIT", async () => {
    const wire = await wireTo(made.url);
    const storage = await PostgresStorage.open({ url: wire.url });
    onTestFinished(() => storage.close());
    let writing = false;
    wire.decide((sent) => {
      writing ||= sent.includes("READ WRITE");
      return writing && sent.includes("COMMIT\0") ? "cut" : "pass";
    });
    await expect(newProject(storage)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("may or may not be kept"),
      hint: expect.stringContaining("Read it again"),
    });
    wire.decide(() => "pass");
    expect(await storage.projects.list()).toBeDefined();
  });

  it("does not pass for committed when its work has swallowed an error", async () => {
    const database = databaseOf(made.url);
    const work = database.write(async (client) => {
      await client.rows("SELECT 1 / 0").catch(() => undefined);
      return "done";
    });
    await expect(work).rejects.toMatchObject({ code: "internal" });
  });

  it("may take as long as it was told, and wait as long for a lock", async () => {
    const database = databaseOf(made.url, { statementTimeoutMs: 100 });
    const slow = database.read((client) => client.rows("SELECT pg_sleep(20)::text"));
    await expect(slow).rejects.toMatchObject({ code: "unavailable" });
    const holder = await adminClient(made.url);
    onTestFinished(() => holder.end());
    await holder.query("SELECT pg_advisory_lock(7)");
    const waiting = database.write((client) => client.rows("SELECT pg_advisory_xact_lock(7::bigint)::text"));
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    const idle = "SELECT current_setting('idle_in_transaction_session_timeout')";
    expect(await database.read((client) => client.rows(idle))).toEqual([["1min"]]);
  });

  it("leaves neither its role nor its settings to the next borrower of its connection", async () => {
    const connections = poolOf(made.url, { max: 1 });
    const asked = `SELECT current_user::text, nullif(current_setting('aiknowsys.tenant', true), ''),
      current_setting('statement_timeout'), current_setting('search_path') = '"aiknowsys", "public", "pg_temp"'`;
    const access = { role: "aiknowsys_app", tenant: DEFAULT_TENANT, projects: "all" } as const;
    const searchPath = ["aiknowsys", "public"];
    const database = openDatabase({ connections, access, searchPath, statementTimeoutMs: 1_234 });
    const inside = await database.read((client) => client.rows(asked));
    expect(inside).toEqual([["aiknowsys_app", DEFAULT_TENANT, "1234ms", true]]);
    await database.read((client) => client.rows("SELECT nonsense")).catch(() => undefined);
    const lent = await connections.lend();
    const outside = (await lent.query(asked, [])).rows;
    lent.release(false);
    expect(outside).toEqual([[expect.not.stringContaining("aiknowsys"), null, "0", false]]);
  });
});

describe("an address where nobody listens", () => {
  it("is unreachable, and says so without waiting", async () => {
    const server = createServer();
    const url = await listening(server, new URL("postgres://postgres@127.0.0.1:1/nowhere"));
    await new Promise((resolve) => server.close(resolve));
    await expect(PostgresStorage.open({ url })).rejects.toMatchObject({ code: "unavailable" });
  });
});
