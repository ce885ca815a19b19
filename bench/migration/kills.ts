import { join } from "node:path";
import pg from "pg";
import { environment } from "../../lib/config.ts";
import { newDatabase } from "../postgres/database.ts";
import { benchServer } from "../postgres/server.ts";
import { seededRandom } from "../vocabulary.ts";
import type { MigrationBench } from "./bench.ts";
import { type ProgramRun, runProgram } from "./measured-process.ts";
import { sourceStore } from "./source.ts";

/** How a migration fared that was killed at one moment and then resumed. */
export interface KillOutcome {
  /** Whose death it was: of the migrating process, or of the server's process that served it. */
  readonly killed: "process" | "backend" | "nothing";
  readonly atMs: number;
  /** Records in the target when it had died. */
  readonly there: number;
  /** Exit status of the run that was to be killed: null where it was, 5 where it lost its database, 0 where it was done. */
  readonly status: number | null;
  /** Of the run that resumed it. */
  readonly resumed: { readonly status: number | null; readonly written: number; readonly unchanged: number };
  /** Both stores hold the same, nothing twice, nothing more. */
  readonly equal: boolean;
  /** What `doctor` finds wrong in the target: its word index and its counts among it. */
  readonly findings: readonly string[];
}

export interface KillBench extends MigrationBench {
  readonly points: number;
}

/** Of a server that nobody else uses, because it is killed. */
const OWN_PORT = "54396";
const NEVER_MS = 2 ** 31 - 1;
/** Of so many later kills one is of the server's process. */
const BACKENDS = 4;

/**
 * Kills migrations of the first of the counts' events at seeded moments, a fifth of them in the first second and the rest
 * spread over the whole of an undisturbed one, then resumes each and has both stores compared. The server dies and recovers
 * when a process of its own is killed: it must be one of this bench.
 */
export async function benchKills(bench: KillBench): Promise<readonly KillOutcome[]> {
  const { home, eventCounts, say, print, points } = bench;
  const source = await sourceStore(home, eventCounts[0] ?? 20_000, say);
  const given = bench.connection ?? environment().POSTGRES_URL;
  const server = benchServer(given, OWN_PORT);
  const place = { home, server, source };
  const whole = await killedAt(place, { killed: "nothing", atMs: NEVER_MS });
  let took = whole.tookMs;
  print(`undisturbed ${(took / 1_000).toFixed(1)} s, ${whole.outcome.there} records\n`);
  print(
    row(["n", "killed", "at ms", "status", "there", "resumed", "written", "unchanged", "equal", "doctor"]),
  );
  const random = seededRandom(50);
  const outcomes: KillOutcome[] = [];
  while (outcomes.length < points) {
    const n = outcomes.length + 1;
    const atMs = Math.round(n <= points / 5 ? random() * 1_000 : random() * took);
    const killed = n % BACKENDS === 0 && n > points / 5 && given === undefined ? "backend" : "process";
    const { outcome, tookMs, isStruck } = await killedAt(place, { killed, atMs });
    // A run that was quicker than the first and ended before its moment counts for nothing, but tells how long they take.
    if (!isStruck) took = Math.min(took, tookMs);
    else {
      outcomes.push(outcome);
      print(rowOf(n, outcome));
    }
  }
  const bad = outcomes.filter(({ equal, findings }) => !equal || findings.length > 0).length;
  print(`${points - bad} of ${points} equal after resuming\n`);
  return outcomes;
}

interface Place {
  readonly home: string;
  readonly server: string;
  readonly source: string;
}

type Kill = Pick<KillOutcome, "killed" | "atMs">;

async function killedAt(
  { home, server, source }: Place,
  kill: Kill,
): Promise<{ readonly outcome: KillOutcome; readonly tookMs: number; readonly isStruck: boolean }> {
  const { url, drop } = await newDatabase(server);
  const move = ["migrate-to-postgres", "--db", source, "--connection", url, "--json"];
  try {
    await runProgram(["migrate", "--storage", "postgres", "--connection", url], home);
    const blow = killing(url, kill);
    const run = await runProgram(move, home, blow);
    const there = await countRecords(url);
    const resumed = kill.killed === "nothing" ? run : await runProgram([...move, "--resume"], home);
    const verify = await runProgram(["verify", "--db", source, "--against", url, "--json"], home);
    const doctor = await runProgram(
      ["doctor", "--storage", "postgres", "--connection", url, "--json"],
      join(home),
    );
    const { done: written = -1, unchanged = -1 } = readJson(resumed);
    const outcome: KillOutcome = {
      ...{ ...kill, there, status: run.status },
      resumed: { status: resumed.status, written, unchanged },
      equal: resumed.status === 0 && verify.status === 0 && readJson(verify).equal === true,
      findings: [resumed, verify].flatMap(troubleOf).concat(findingsOf(doctor)),
    };
    return { outcome, tookMs: run.tookMs, isStruck: blow.isStruck() };
  } finally {
    await patiently(drop);
  }
}

/** What ends a run at its moment. */
function killing(url: string, { killed, atMs }: Kill) {
  let isStruck = false;
  return {
    atMs,
    isStruck: () => isStruck,
    kill: async (pid: number) => {
      const victims = killed === "process" ? [pid] : await backendsOf(url);
      for (const victim of victims) isStruck = process.kill(victim, "SIGKILL");
    },
  };
}

/** Processes of the server that serve this database to others. */
async function backendsOf(url: string): Promise<readonly number[]> {
  const rows = await ask<{ pid: number }>(
    url,
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  return rows.map(({ pid }) => pid).slice(0, 1);
}

const COUNTED = ["projects", "spaces", "plans", "sessions", "patterns", "events"].concat(
  ...[["revisions", "changes", "change_seals", "chunks", "vectors"]],
);

async function countRecords(url: string): Promise<number> {
  const counts = COUNTED.map((table) => `(SELECT count(*) FROM aiknowsys.${table})`).join(" + ");
  const [row] = await patiently(() => ask<{ n: number }>(url, `SELECT (${counts})::int AS n`));
  return row?.n ?? -1;
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A server that lost a process refuses everybody until it has recovered. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = 60; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 500));
    }
  }
}

/** What a run said that ended otherwise than it should. */
function troubleOf({ status, errors }: ProgramRun): readonly string[] {
  return status === 0 ? [] : [`status ${status}: ${errors.slice(-500)}`];
}

function findingsOf(doctor: ProgramRun): readonly string[] {
  const { checks = [] } = readJson(doctor);
  if (checks.length === 0) return [`doctor ended with status ${doctor.status}`];
  return checks.flatMap(({ ok, severity, detail }) => (ok || severity === "warning" ? [] : detail));
}

interface Answer {
  readonly done?: number;
  readonly unchanged?: number;
  readonly equal?: boolean;
  readonly checks?: readonly {
    readonly ok: boolean;
    readonly severity?: string;
    readonly detail: string;
  }[];
}

/** Empty where the run said nothing, as one that was killed. */
function readJson({ out }: ProgramRun): Answer {
  try {
    return JSON.parse(out);
  } catch {
    return {};
  }
}

function rowOf(n: number, { killed, atMs, status, there, resumed, equal, findings }: KillOutcome): string {
  const { status: then, written, unchanged } = resumed;
  const cells = [n, killed, atMs, status, there, then, written, unchanged, equal, findings.length];
  return row(cells.map(String)) + findings.map((finding) => `  ${finding}\n`).join("");
}

function row(cells: readonly string[]): string {
  return `${cells.map((cell) => cell.padStart(10)).join("")}\n`;
}
