import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makePlace } from "./cli-program.ts";
import { serveAt } from "./serve-program.ts";

/** Platforms kill what has not ended by then (docs/deploy.md). */
const KILLED_AFTER_MS = 15_000;

/** The way to a database, which can be cut. */
async function wayTo(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const way = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    near.on("data", (bytes) => (isSilent ? undefined : far.write(bytes)));
    far.on("data", (bytes) => (isSilent ? undefined : near.write(bytes)));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }).listen(0, "127.0.0.1");
  const end = () => {
    way.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(end);
  await once(way, "listening");
  const address = way.address();
  const through = new URL(url);
  through.host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return { url: through.href, cut: { "refuses connections": end, "says nothing": () => (isSilent = true) } };
}

/** A call of one tool, as a client sends it. */
async function call(url: URL, token: string): Promise<number> {
  const params = { name: "query_plans", arguments: {} };
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  await answer.text();
  return answer.status;
}

describeWithServer("aiknowsys serve that is asked to end while PostgreSQL", () => {
  it.each(["refuses connections", "says nothing"] as const)(
    "%s: ends before it is killed, and says how many calls are not in the audit",
    async (how) => {
      const { url, drop } = await newDatabase();
      onTestFinished(drop);
      const way = await wayTo(url);
      const place = makePlace();
      const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url };
      const served = await serveAt(place, { ...env, POSTGRES_URL: way.url }, "--migrate");
      place.json(["create-plan", "--title", "First"], { env });
      const { token } = place.json(["token", "create", "--name", "ci", "--scope", "write"], { env }).body;
      for (let n = 0; n < 10; n++) expect(await call(served.url, token)).toBe(200);
      way.cut[how]();
      // Calls wait for the audit, others for the database.
      const waiting = Array.from({ length: 5 }, () => call(served.url, token).catch(() => undefined));
      served.child.kill("SIGTERM");
      const killed = setTimeout(() => served.child.kill("SIGKILL"), KILLED_AFTER_MS);
      expect(await served.ended).toBe(0);
      clearTimeout(killed);
      await Promise.all(waiting);
      const lines = served.stderr().split("\n");
      const lost = lines.find((line) => line.includes("Calls are not in the audit"));
      expect(JSON.parse(lost ?? "{}")).toMatchObject({ level: "error", calls: expect.any(Number) });
    },
    120_000,
  );
});
