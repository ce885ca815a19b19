import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { adminClient } from "../helpers/postgres.ts";
import { setup } from "../helpers/postgres-server.ts";
import { type PostgresOfRun, SERVER_SCRIPT, startedPostgres } from "../helpers/postgres-start.ts";

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

interface ServerToldOf {
  readonly url: string;
  readonly dir: string;
  readonly port: number;
  readonly started: boolean;
  readonly pid: number;
}

const ME = String(process.pid);
const PORT = String(randomInt(56_000, 64_000));

async function script(...args: readonly string[]): Promise<Ended> {
  return runNode([SERVER_SCRIPT, ...args], {});
}

async function runNode(args: readonly string[], settings: NodeJS.ProcessEnv): Promise<Ended> {
  const { PG_DIR: _dir, PG_PORT: _port, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, ...settings },
  });
  const closed = once(child, "close");
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { status: child.exitCode, output, errors };
}

async function started(...args: readonly string[]): Promise<ServerToldOf> {
  const { status, output, errors } = await script("start", "--json", ...args);
  expect(status, errors).toBe(0);
  return JSON.parse(output);
}

async function running(dir: string): Promise<ServerToldOf | undefined> {
  const { output } = await script("status", "--json", "--dir", dir);
  const servers: readonly ServerToldOf[] = JSON.parse(output);
  return servers.find((server) => server.dir === dir);
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = await adminClient(url);
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

/** A program that does nothing until it is killed; the test's end kills it. */
function idler(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  if (child.pid === undefined) throw new Error("No second process can be started.");
  return Object.assign(child, { pid: child.pid });
}

/** Whether a process is there; one that only waits for its parent to notice its end is not. */
function isThere(pid: unknown): boolean {
  const status = `/proc/${pid}/stat`;
  if (process.platform === "linux") return existsSync(status) && !/\) Z /.test(readFileSync(status, "utf8"));
  return spawnSync("kill", ["-0", String(pid)]).status === 0;
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return server;
}

// Where neither an installed PostgreSQL nor one to fetch can be had, the script says so with this status.
const first = await script("start", "--json", "--port", PORT, "--for", ME);
const can = first.status !== 5;

describe.runIf(can)("the script that keeps servers (needs a PostgreSQL server)", () => {
  const server: ServerToldOf = can ? JSON.parse(first.output) : undefined;
  afterAll(() => script("stop", "--dir", server.dir));

  it("finds the server it started, and leaves it to the others who need it", async () => {
    const other = idler();
    const again = await started("--dir", server.dir, "--for", String(other.pid));
    expect(again).toMatchObject({ url: server.url, started: false });
    await script("stop", "--dir", server.dir, "--for", String(other.pid));
    expect(await running(server.dir)).toMatchObject({ url: server.url });
  });

  it("starts another one beside it where the port is somebody else's", async () => {
    const taken = server.port + 200;
    await listening(taken);
    const second = await started("--port", String(taken), "--for", ME);
    onTestFinished(() => void spawnSync(process.execPath, [SERVER_SCRIPT, "stop", "--dir", second.dir]));
    expect(second.port).toBeGreaterThan(taken);
    expect(await ask(second.url, "SELECT 1 AS one")).toEqual([1]);
    expect(await ask(server.url, "SELECT 1 AS one")).toEqual([1]);
  });

  it("starts one server for two who ask at once", async () => {
    const args = ["--port", String(server.port + 400), "--for", ME];
    const both = await Promise.all([started(...args), started(...args)]);
    onTestFinished(() => void spawnSync(process.execPath, [SERVER_SCRIPT, "stop", "--dir", both[0].dir]));
    expect(both[0].url).toBe(both[1].url);
    expect(both.map((each) => each.started).sort()).toEqual([false, true]);
  });

  it("ends every process of a server and leaves nothing in its folder", async () => {
    const { dir, url } = await started("--port", String(server.port + 600));
    const children = await ask(
      url,
      "SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'",
    );
    const processes = [(await running(dir))?.pid, ...children];
    expect(processes.length).toBeGreaterThan(3);
    expect(processes.filter((pid) => !isThere(pid))).toEqual([]);
    await script("stop", "--dir", dir);
    expect(processes.filter(isThere)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  it("leaves a server that was started by hand to be stopped by hand", async () => {
    const byHand = await started("--port", String(server.port + 800));
    onTestFinished(() => void spawnSync(process.execPath, [SERVER_SCRIPT, "stop", "--dir", byHand.dir]));
    await started("--dir", byHand.dir, "--for", ME);
    await script("stop", "--dir", byHand.dir, "--for", ME);
    expect(await running(byHand.dir)).toMatchObject({ url: byHand.url });
  });

  it("stops a server when the process it was started for dies without a word", async () => {
    const user = idler();
    const { dir } = await started("--port", String(server.port + 1_000), "--for", String(user.pid));
    user.kill("SIGKILL");
    await expect.poll(() => existsSync(dir), { timeout: 25_000, interval: 200 }).toBe(false);
  });

  it("makes a replica that follows its server and ends with it", async () => {
    const primary = await started("--port", String(server.port + 1_200), "--for", ME);
    onTestFinished(() => void spawnSync(process.execPath, [SERVER_SCRIPT, "stop", "--dir", primary.dir]));
    const replica = await started("--replica-of", primary.dir, "--port", String(primary.port), "--for", ME);
    expect(replica.url).not.toBe(primary.url);
    expect(await ask(replica.url, "SELECT pg_is_in_recovery()")).toEqual([true]);
    await ask(primary.url, "CREATE TABLE quay AS SELECT 'north' AS name");
    await expect
      .poll(() => ask(replica.url, "SELECT name FROM quay").catch(() => []), { timeout: 20_000 })
      .toEqual(["north"]);
    await script("stop", "--dir", primary.dir);
    expect(await running(replica.dir)).toBeUndefined();
  });
});

describe.runIf(can)("a run of tests (needs a PostgreSQL server)", () => {
  async function runOn(port: number): Promise<{ readonly url: string; readonly end: () => void }> {
    vi.stubEnv("TEST_POSTGRES_URL", "");
    vi.stubEnv("PG_DIR", "");
    vi.stubEnv("PG_PORT", String(port));
    onTestFinished(() => void vi.unstubAllEnvs());
    let run: PostgresOfRun | undefined;
    const end = setup({
      provide: (_key, value) => {
        run = value;
      },
    });
    const found = run === undefined ? { pglite: "Nothing was provided." } : await startedPostgres(run);
    if ("pglite" in found) throw new Error(found.pglite);
    return { url: found.url, end };
  }

  it("starts its server at the first need and stops it at the end", async () => {
    const { url, end } = await runOn(Number(PORT) + 1_400);
    expect(await ask(url, "SELECT 1 AS one")).toEqual([1]);
    end();
    await expect(adminClient(url)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("goes on with a server that was running before, and leaves it running", async () => {
    const before = await started("--port", String(Number(PORT) + 1_500));
    onTestFinished(() => void spawnSync(process.execPath, [SERVER_SCRIPT, "stop", "--dir", before.dir]));
    const { url, end } = await runOn(before.port);
    expect(url).toBe(before.url);
    end();
    expect(await ask(url, "SELECT 1 AS one")).toEqual([1]);
  });

  it("takes the server that TEST_POSTGRES_URL names", async () => {
    vi.stubEnv("TEST_POSTGRES_URL", "postgres://quay@127.0.0.1:1/quay");
    onTestFinished(() => void vi.unstubAllEnvs());
    const provided: PostgresOfRun[] = [];
    setup({ provide: (_key, value) => void provided.push(value) });
    expect(provided).toEqual([{ url: "postgres://quay@127.0.0.1:1/quay" }]);
  });
});

describe("the script that keeps servers", () => {
  it("says in one sentence where nothing can be fetched", async () => {
    const module = new URL("../../scripts/postgres/programs-fetched.mjs", import.meta.url).href;
    const body = `const { fetchPrograms } = await import(${JSON.stringify(module)});
      await fetchPrograms("/nonexistent/pg").catch((error) => console.log(JSON.stringify([error.status, error.message])));`;
    const { output, errors } = await runNode(["--input-type=module", "--eval", body], {
      PATH: "/nonexistent",
    });
    const [status, message]: [number, string] = JSON.parse(output || errors);
    expect(status).toBe(5);
    expect(message).toMatch(/^No PostgreSQL with pgvector is installed, [^.\n]+\.$/);
  });

  it("fails with that sentence and status 5 where the cache cannot be written", async () => {
    const { status, errors } = await runNode([SERVER_SCRIPT, "start", "--port", PORT], {
      PG_CACHE: SERVER_SCRIPT,
    });
    if (status !== 5) await script("stop", "--port", PORT);
    // An installed PostgreSQL needs no cache.
    expect([0, 5]).toContain(status);
    if (status === 5) expect(errors).toBe(`None of these can hold a PostgreSQL: ${SERVER_SCRIPT}.\n`);
  });

  it.each([
    [["dance"], /^usage: /],
    [["start", "--port", "0"], /^"0" cannot be used as port: /],
    [["stop", "--force"], /^Unknown option '--force'/],
    [["start", "--dir", import.meta.dirname], / holds something else: give another folder\.$/],
  ])("refuses %j with status 2", async (args, sentence) => {
    const { status, errors } = await script(...args);
    expect(errors.trim()).toMatch(sentence);
    expect(status).toBe(2);
  });
});

describe("the closing line of the tests", () => {
  const test = (status: string, suite: string) => ({ status, ancestorTitles: [suite] });

  it.each([
    [[test("passed", "a")], "0 skipped"],
    [[test("skipped", "a")], "1 skipped"],
    [[test("skipped", "a (needs a PostgreSQL server)")], "1 skipped (no PostgreSQL server: PGlite only)"],
    [
      [test("skipped", "a"), test("pending", "a (needs a PostgreSQL server)")],
      "2 skipped (1 of them: no PostgreSQL server: PGlite only)",
    ],
  ])("counts what was skipped for want of a server: %#", async (assertionResults, words) => {
    const module = new URL("../../scripts/postgres/skipped.mjs", import.meta.url).href;
    const { skippedIn }: { skippedIn: (report: unknown) => string } = await import(module);
    const pending = assertionResults.filter(({ status }) => status !== "passed").length;
    const report = { numPendingTests: pending, numTodoTests: 0, testResults: [{ assertionResults }] };
    expect(skippedIn(report)).toBe(words);
  });
});
