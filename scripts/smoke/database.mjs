// An empty database for one run: on the server that TEST_POSTGRES_URL names, or on one that is started for it.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ROOT } from "../setup/paths.mjs";
import { Failure } from "../setup/run.mjs";

const SCRIPT = join(ROOT, "scripts", "postgres-for-tests.mjs");
/** The script's exit status where no PostgreSQL with pgvector can be had. */
const NONE_HERE = 5;

/** `{ url, remove }`, or `{ reason }` where there is no server. */
export async function openDatabase() {
  const server = startedServer();
  if (server.reason !== undefined) return server;
  const { default: pg } = await import("pg");
  const name = `smoke_${randomBytes(6).toString("hex")}`;
  const asOwner = async (sql) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await asOwner(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  const url = new URL(server.url);
  url.pathname = name;
  const remove = async () => {
    await asOwner(`DROP DATABASE ${name} WITH (FORCE)`);
    server.stop();
  };
  return { url: String(url), remove };
}

function startedServer() {
  if (process.env.TEST_POSTGRES_URL) return { url: process.env.TEST_POSTGRES_URL, stop: () => {} };
  const run = (...args) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8" });
  const mine = ["--json", "--for", String(process.pid)];
  const { status, stdout, stderr } = run("start", ...mine);
  if (status === NONE_HERE) return { reason: stderr.trim() };
  if (status !== 0) throw new Failure(stderr.trim());
  const { url, dir, kept } = JSON.parse(stdout);
  return { url, stop: () => (kept === true ? undefined : run("stop", "--dir", dir, ...mine)) };
}
