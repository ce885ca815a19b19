import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environment } from "../../lib/config.ts";

const CLI = fileURLToPath(new URL("../../lib/cli/main.js", import.meta.url));
const SAMPLED_MS = 100;
const NO_SETTINGS = { STORAGE_TYPE: undefined, POSTGRES_URL: undefined, DATABASE_URL: undefined };

/** A run of the product's command line to its end. */
export interface ProgramRun {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
  readonly tookMs: number;
  /** The most memory that was resident, in MB; 0 where the system does not tell (it is read from /proc). */
  readonly peakMb: number;
}

/** What is done to a run some time after it began, unless it has ended. */
export interface Disturbance {
  readonly atMs: number;
  readonly kill: (pid: number) => Promise<void>;
}

/** Runs the built program. @param home for AIKNOWSYS_HOME */
export async function runProgram(
  args: readonly string[],
  home: string,
  disturbance?: Disturbance,
): Promise<ProgramRun> {
  const began = performance.now();
  const env = { ...environment(), ...NO_SETTINGS, AIKNOWSYS_HOME: home, EMBEDDING_PROVIDER: "none" };
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: home,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let errors = "";
  let peakMb = 0;
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (errors += text));
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, highWaterMb(child.pid));
  }, SAMPLED_MS);
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const kill = () => void (isRunning() && disturbance?.kill(child.pid ?? 0).catch(() => undefined));
  const timerOfKill = disturbance && setTimeout(kill, disturbance.atMs);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(timer);
  clearTimeout(timerOfKill);
  return { status, out, errors, tookMs: performance.now() - began, peakMb };
}

/** The kernel keeps the maximum, so that a sample loses nothing but what came after it. */
function highWaterMb(pid: number | undefined): number {
  try {
    const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kb ?? 0) / 1_000;
  } catch {
    return 0;
  }
}
