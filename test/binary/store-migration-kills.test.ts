import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { adminClient, describeWithServer } from "../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../helpers/postgres-own-server.ts";
import {
  chunkDraft,
  context,
  eventDraft,
  makeTempFolder,
  NOON,
  newProject,
  write,
} from "../helpers/store.ts";
import { linesOf } from "../helpers/transfer.ts";
import { makePlace, PROGRAM } from "./cli-program.ts";

const EVENTS = 600;
const SPACE = { model: "m", revision: "1", dimensions: 3, pooling: "mean", normalised: true } as const;

/** A row of these in the target says that a migration has come so far. */
const STAGES = [
  ["before anything is there", "process", "projects", 0],
  ["in the rows", "process", "events", 100],
  ["in their history", "process", "revisions", 400],
  ["in the log", "backend", "changes", 100],
  ["in the passages", "process", "chunks", 100],
  ["in the vectors", "backend", "vectors", 300],
  ["while both are compared", "process", "vectors", EVENTS],
] as const;

describeWithServer("a migration that is killed", () => {
  let server: OwnServer;
  let source: SqliteStorage;
  const { folder, remove } = makeTempFolder();
  const file = join(folder, "knowledge.db");
  beforeAll(async () => {
    server = await startOwnServer({ durable: true });
    await (await PostgresStorage.open({ url: server.url, migrate: true })).close();
    source = await SqliteStorage.open({ file, thread: "inline" });
    await fill(source);
  }, 120_000);
  afterAll(async () => {
    await source.close();
    await server.remove();
    remove();
  });

  it.each(STAGES)(
    "%s (the %s) is finished by --resume, with nothing lost and nothing twice",
    async (...stage) => {
      const [, killed, table, rows] = stage;
      const { url, name } = await copyOfDatabase(server);
      const { env, project, json } = makePlace();
      const args = ["migrate-to-postgres", "--db", file, "--connection", url, "--batch-size", "20"];
      const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: project, env, stdio: "ignore" });
      const watch = await watcher(url);
      await watch.until(child, table, rows);
      if (killed === "process") child.kill("SIGKILL");
      else for (const pid of await watch.others()) process.kill(pid, "SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await watch.end();
      // What lost its database says so; what was done before the blow fell is done.
      if (killed === "backend") expect([0, 5]).toContain(child.exitCode);

      await answering(server.url);
      const { status, body } = json([...args, "--resume"]);
      expect({ name, status, ...body }).toMatchObject({
        status: 0,
        ok: true,
        failed: [],
        skipped: [],
        warnings: [],
      });
      expect(body.done + body.unchanged).toBe(body.found);
      if (rows > 0 && rows < EVENTS) expect(body.unchanged).toBeGreaterThanOrEqual(rows);
      const target = await PostgresStorage.open({ url });
      onTestFinished(() => target.close());
      expect(await linesOf(target)).toEqual(await linesOf(source));
      expect(await target.upkeep.check()).toEqual([]);
    },
    120_000,
  );
});

async function fill(storage: SqliteStorage): Promise<void> {
  const project = await newProject(storage);
  for (let made = 0; made < EVENTS; made += 100) {
    const events = Array.from({ length: 100 }, (_, i) =>
      write(eventDraft(project), { chunks: [chunkDraft(`pier ${made + i} stands in tide ${i % 7}`)] }),
    );
    await storage.transaction(context(project), events);
  }
  await storage.changes.seal(project, NOON);
  const owed = await storage.chunks.owed([project], SPACE, EVENTS);
  await storage.chunks.putVectors(
    SPACE,
    owed.map(({ id, textHash }, i) => ({
      ...{ chunk: id, textHash, embedding: Float32Array.of(i + 1, 2, -3) },
    })),
  );
}

/** A database with the schema and nothing in it. */
async function copyOfDatabase({ url }: OwnServer): Promise<{ readonly url: string; readonly name: string }> {
  const other = new URL(url);
  const template = other.pathname.slice(1);
  const name = `killed_${Math.random().toString(36).slice(2)}`;
  other.pathname = "/template1";
  const admin = await adminClient(other.href);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE "${template}"`);
  await admin.end();
  other.pathname = `/${name}`;
  return { url: other.href, name };
}

/** Looks at how far a migration has come, and whose processes serve it. */
async function watcher(url: string) {
  const client: pg.Client = await adminClient(url);
  client.on("error", () => undefined);
  const count = async (table: string) =>
    Number((await client.query(`SELECT count(*) FROM aiknowsys.${table}`)).rows[0]?.count);
  return {
    until: async (child: ChildProcess, table: string, rows: number) => {
      while (child.exitCode === null && (await count(table)) < rows) await sleep(2);
    },
    others: async (): Promise<readonly number[]> => {
      const sql = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1`;
      return (await client.query<{ pid: number }>(sql)).rows.map(({ pid }) => pid);
    },
    end: () => client.end().catch(() => undefined),
  };
}

/** A server that has lost a process refuses everybody until it has recovered. */
async function answering(url: string): Promise<void> {
  await expect
    .poll(
      () =>
        adminClient(url).then(
          (client) => client.end().then(() => true),
          () => false,
        ),
      {
        timeout: 30_000,
      },
    )
    .toBe(true);
}
