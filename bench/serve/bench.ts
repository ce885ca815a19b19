import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createToken } from "../../lib/knowledge/tokens.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import type { Measurement } from "../measure.ts";
import { openProduct } from "../postgres/bench.ts";
import { type BenchDatabase, fillDatabase } from "../postgres/database.ts";
import { connectOwner } from "../postgres/owner.ts";
import { benchServer } from "../postgres/server.ts";
import type { BenchTenant } from "../postgres/tenants.ts";
import { measureAuthority } from "./authority.ts";
import type { LoadJob } from "./load-messages.ts";
import { closedLine, type MemorySample, type OpenRun, openLines } from "./load-report.ts";
import { cpuMs, load, type Served, startServing } from "./served.ts";

export interface ServeBench {
  /** Folder for what the bench needs on disk. */
  readonly home: string;
  readonly eventCounts: readonly number[];
  /** Calls a second, and for how long. */
  readonly rate: number;
  readonly seconds: number;
  /** Clients, each with a token and a connection of its own. */
  readonly connections: number;
  /** A login that may create databases. */
  readonly connection: string | undefined;
  readonly isWanted: (operation: string) => boolean;
  readonly add: (line: Measurement) => void;
  readonly say: (text: string) => void;
}

/** What can be named to measure it alone. */
export const SERVE_OPERATIONS = ["authority", "load", "saturation"];

/** Callers at once of each step. */
const CALLERS = [1, 2, 4, 8, 16, 32, 64, 100];
const STEP_SECONDS = 8;
const SAMPLE_MS = 5_000;
/** Searches after which the model is loaded and the server's code is warm. */
const WARM_SECONDS = 8;

/** The whole shared instance under load: client, server and database are processes of their own on this machine. */
export async function benchServe(bench: ServeBench): Promise<void> {
  const { home, say } = bench;
  const server = benchServer(bench.connection);
  for (const events of bench.eventCounts) {
    const opened = await openProduct(home);
    const database = await fillDatabase({ server, plan: teamPlan(events), opened, say });
    try {
      const [team] = database.tenants;
      if (team === undefined) throw new Error("There is no team.");
      const tokens = await issueTokens(database, team, bench.connections);
      const [token = ""] = tokens;
      if (bench.isWanted("authority"))
        for (const line of await measureAuthority(database, { tenant: team, token, deps: opened.deps }))
          bench.add(line);
      // Its model would share the cores.
      await opened.deps.embedder?.close();
      await measureLoad(bench, database, { team, tokens });
    } finally {
      await database.drop();
      await opened.close();
    }
  }
}

/** One team with twelve projects whose sizes fall like 1/rank: from a third of all down to a thirty-seventh. */
function teamPlan(events: number) {
  const shares = Array.from({ length: 12 }, (_, i) => 1 / (i + 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return { team: shares.map((share) => Math.round((events * share) / whole)) };
}

async function issueTokens(
  database: BenchDatabase,
  { id }: BenchTenant,
  count: number,
): Promise<readonly string[]> {
  const owner = await connectOwner(database.url);
  const { rows } = await owner.query<{ name: string }>("SELECT name FROM tenants WHERE id = $1", [id]);
  await owner.end();
  const storage = await PostgresStorage.open({ url: database.url, tenant: rows[0]?.name });
  const tokens: string[] = [];
  try {
    for (let n = 0; n < count; n++) {
      const deps = {
        storage,
        clock: Date.now,
        random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
      };
      tokens.push((await createToken(deps, { name: `client-${n}`, scope: "write" })).token);
    }
  } finally {
    await storage.close();
  }
  return tokens;
}

async function measureLoad(
  bench: ServeBench,
  database: BenchDatabase,
  { team, tokens }: { readonly team: BenchTenant; readonly tokens: readonly string[] },
): Promise<void> {
  const served = await startServing(join(bench.home, "serve"), {
    ...{ STORAGE_TYPE: "postgres", POSTGRES_URL: database.url, AIKNOWSYS_AUTH: "token" },
  });
  const projects = team.projects.map(({ project }) => project.ref);
  const job = { url: served.url, tokens, projects };
  const events = database.events;
  try {
    bench.say("Warming up.");
    await load({ ...job, seed: 1, phase: { kind: "open", ratePerSecond: 20, seconds: WARM_SECONDS } });
    if (bench.isWanted("load")) {
      const before = await countEvents(database);
      const run = await openLoop(bench, { served, database }, job);
      const kept = (await countEvents(database)) - before;
      for (const line of openLines({ events, rate: bench.rate, ...run, kept })) bench.add(line);
    }
    if (!bench.isWanted("saturation")) return;
    for (const callers of CALLERS.filter((count) => count <= bench.connections)) {
      const phase = { kind: "closed", callers, seconds: STEP_SECONDS } as const;
      const result = await load({ ...job, seed: 100 + callers, phase });
      bench.add(closedLine({ events, callers, result, memory: served.memory() }));
    }
  } finally {
    await served.stop();
  }
}

async function openLoop(
  { rate, seconds }: ServeBench,
  { served, database }: { readonly served: Served; readonly database: BenchDatabase },
  job: Omit<LoadJob, "phase" | "seed">,
): Promise<Pick<OpenRun, "result" | "memory" | "cache" | "runtime" | "cpu">> {
  const before = { cache: await cacheFigures(served), cpu: await cpuFigures(served, database) };
  const memory: MemorySample[] = [];
  const started = performance.now();
  const sample = () =>
    memory.push({ atS: Math.round((performance.now() - started) / 1_000), ...served.memory() });
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  const result = await load({ ...job, seed: 2, phase: { kind: "open", ratePerSecond: rate, seconds } });
  clearInterval(timer);
  sample();
  const cpu = await cpuFigures(served, database);
  const { hits, misses } = await cacheFigures(served);
  const remembered = hits - before.cache.hits;
  // What was written last gets its audit lines and vectors before the next phase.
  await sleep(2_000);
  return {
    ...{ result, memory, cache: remembered / Math.max(1, remembered + misses - before.cache.misses) },
    runtime: (await served.metric('aiknowsys_embedding_runtime{runtime="native"}')) === 1 ? "native" : "wasm",
    cpu: {
      server: cpu.serverMs - before.cpu.serverMs,
      model: cpu.modelMs - before.cpu.modelMs,
      database: cpu.databaseMs - before.cpu.databaseMs,
    },
  };
}

/** The database's is that of the connections that are open now, where it runs on this machine. */
async function cpuFigures(served: Served, { url }: BenchDatabase) {
  const owner = await connectOwner(url);
  try {
    const { rows } = await owner.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    return { ...served.cpu(), databaseMs: rows.reduce((sum, { pid }) => sum + cpuMs(pid), 0) };
  } finally {
    await owner.end();
  }
}

async function cacheFigures(served: Served) {
  const of = (found: string) => served.metric(`aiknowsys_query_vectors_total{found="${found}"}`);
  return { hits: await of("remembered"), misses: await of("made") };
}

async function countEvents({ url }: BenchDatabase): Promise<number> {
  const owner = await connectOwner(url);
  try {
    const { rows } = await owner.query<{ n: string }>("SELECT count(*) AS n FROM events");
    return Number(rows[0]?.n);
  } finally {
    await owner.end();
  }
}
