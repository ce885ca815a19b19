import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import type { ProjectId, RowId } from "../../../lib/domain/ids.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer } from "../../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../../helpers/postgres-own-server.ts";
import { context, eventDraft, newProject, write } from "../../helpers/store.ts";

const WRITERS = 6;

describeWithServer("a server that ends under load and is started again", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnServer({ durable: true });
    await (await PostgresStorage.open({ url: server.url, migrate: true })).close();
  });
  afterAll(() => server.remove());

  /** Its checkpointer: PostgreSQL ends all connections when a process of its dies, and recovers by itself. */
  async function killChild(): Promise<void> {
    const client = await adminClient(server.url);
    client.on("error", () => undefined);
    const sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
    const { rows } = await client.query<{ pid: number }>(sql);
    await client.end();
    process.kill(Number(rows[0]?.pid), "SIGKILL");
  }

  it.each([
    ["by an immediate shutdown", () => server.end("SIGQUIT").then(() => server.startAgain())],
    ["by SIGKILL", () => server.end("SIGKILL").then(() => server.startAgain())],
    ["by the death of one of its processes", killChild],
  ] as const)(
    "%s has lost no acknowledged write, and those without an answer were told so",
    async (_, strike) => {
      const storage = await PostgresStorage.open({ url: server.url });
      onTestFinished(() => storage.close());
      const project = await newProject(storage);
      const load = startLoad(storage, project);
      await expect.poll(() => load.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(30);
      await strike();
      // The same store, the same pool: it works again without anybody doing anything.
      const before = load.acknowledged.length;
      await expect.poll(() => load.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(before + 30);
      await load.stop();
      for (const error of load.errors) expect(error).toMatchObject({ code: "unavailable" });
      const kept = new Set((await storage.events.byIds(project, load.acknowledged)).map(({ id }) => id));
      expect(load.acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      expect((await storage.upkeep.check()).filter(({ severity }) => severity === "error")).toEqual([]);
    },
    90_000,
  );

  it("is unavailable while it is away, to those who wait and those who come, and then is there again", async () => {
    const storage = await PostgresStorage.open({ url: server.url });
    onTestFinished(() => storage.close());
    const project = await newProject(storage);
    await server.end("SIGQUIT");
    const away = { code: "unavailable", hint: expect.stringMatching(/\S/) };
    await expect(storage.projects.findById(project)).rejects.toMatchObject(away);
    await expect(newProject(storage)).rejects.toMatchObject(away);
    await server.startAgain();
    expect(await storage.projects.findById(project)).toBeDefined();
  }, 60_000);
});

interface Load {
  readonly acknowledged: RowId[];
  readonly errors: KnowledgeError[];
  stop(): Promise<void>;
}

/** Writes events one by one from several writers until it is stopped. */
function startLoad(storage: PostgresStorage, project: ProjectId): Load {
  const acknowledged: RowId[] = [];
  const errors: KnowledgeError[] = [];
  let stopped = false;
  const writer = async () => {
    while (!stopped) {
      const draft = eventDraft(project, { summary: `Mooring ${acknowledged.length}` });
      try {
        await storage.transaction(context(project), [write(draft)]);
        acknowledged.push(draft.row.id);
      } catch (error) {
        if (!(error instanceof KnowledgeError)) throw error;
        errors.push(error);
        await sleep(20);
      }
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, writer));
  return {
    acknowledged,
    errors,
    stop: async () => {
      stopped = true;
      await writers;
    },
  };
}
