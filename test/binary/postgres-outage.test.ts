import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer } from "../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../helpers/postgres-own-server.ts";
import { PROGRAM } from "./cli-program.ts";
import { call, makeMcpPlace, mcpEnvironment } from "./mcp-program.ts";

const WRITERS = 6;

describeWithServer("the MCP server while PostgreSQL ends under load and is started again", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnServer({ durable: true });
    await (await PostgresStorage.open({ url: server.url, migrate: true })).close();
  }, 120_000);
  afterAll(() => server.remove());

  it.each(["SIGKILL", "SIGQUIT"] as const)(
    "lives on after %s, says what was not done, and has lost no event that it acknowledged",
    async (signal) => {
      const { client, pid } = await connected(server.url);
      const before = pid();
      const load = startLoad(client);
      const acknowledged = () => load.acknowledged.length;
      await expect.poll(acknowledged, { timeout: 30_000 }).toBeGreaterThan(30);
      await server.end(signal);
      const away = acknowledged();
      // Long enough that calls give up and say so.
      await expect.poll(() => load.refused.length, { timeout: 30_000 }).toBeGreaterThan(WRITERS);
      await server.startAgain();
      await expect.poll(acknowledged, { timeout: 30_000 }).toBeGreaterThan(away + 30);
      await load.stop();
      for (const text of load.refused) expect(text).toMatch(/^Error \(unavailable\): /);
      const kept = new Set(await eventIds(server.url));
      expect(load.acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      expect(pid()).toBe(before);
      const seen = await call(client, "query_events", { limit: 1 });
      expect(seen).toMatchObject({
        isError: false,
        structured: { events: [{ project: expect.any(String) }] },
      });
    },
    120_000,
  );
});

/** The SDK's own client at the built program on this database. */
async function connected(url: string) {
  const place = makeMcpPlace();
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, "mcp"],
    cwd: place.project,
    env: { ...mcpEnvironment(place), STORAGE_TYPE: "postgres", POSTGRES_URL: url },
    stderr: "ignore",
  });
  const client = new Client({ name: "test-client", version: "1" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, pid: () => transport.pid };
}

/** Records events one by one from several writers until it is stopped. */
function startLoad(client: Client) {
  const acknowledged: string[] = [];
  const refused: string[] = [];
  let stopped = false;
  const writer = async () => {
    while (!stopped) {
      const args = { type: "note", data: { text: `Mooring ${acknowledged.length}` } };
      const { isError, text, structured } = await call(client, "record_event", args);
      if (isError) {
        refused.push(text);
        await sleep(20);
      } else acknowledged.push(String(structured.id));
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, writer));
  const stop = async () => {
    stopped = true;
    await writers;
  };
  return { acknowledged, refused, stop };
}

async function eventIds(url: string): Promise<readonly string[]> {
  const client = await adminClient(url);
  const { rows } = await client.query<{ id: string }>("SELECT id FROM aiknowsys.events");
  await client.end();
  return rows.map(({ id }) => id);
}
