import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { environment } from "../../lib/config.ts";
import type { LoadJob, LoadResult } from "./load-messages.ts";

const CLI = fileURLToPath(new URL("../../lib/cli/main.js", import.meta.url));
const LOADER = fileURLToPath(new URL("./load-process.js", import.meta.url));
const startSchema = z.object({ url: z.string() });

/** A running `aiknowsys serve`. */
export interface Served {
  readonly url: string;
  /** Value of one line of its metrics; 0 where there is none. */
  metric(line: string): Promise<number>;
  /** Resident memory in MB of the server, and of the process that its model runs in. */
  memory(): { readonly serverMb: number; readonly modelMb: number };
  /** Processor time of the two so far, in ms. */
  cpu(): { readonly serverMs: number; readonly modelMs: number };
  stop(): Promise<void>;
}

/** Starts the built program as its own process. @param env settings that differ from this process's */
export async function startServing(folder: string, env: Readonly<Record<string, string>>): Promise<Served> {
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [CLI, "serve", "--port", "0", "--json"], {
    cwd: folder,
    env: { ...environment(), AIKNOWSYS_HOME: folder, AIKNOWSYS_LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const said = await Promise.race([once(child.stdout, "data"), ended]);
  if (child.exitCode !== null) throw new Error("The server did not start.");
  const { url } = startSchema.parse(JSON.parse(String(said[0])));
  const pid = child.pid ?? 0;
  return {
    url,
    metric: async (line) => {
      const text = await (await fetch(new URL("/metrics", url))).text();
      const found = text.split("\n").find((each) => each.startsWith(`${line} `));
      return Number(found?.slice(line.length + 1) ?? 0);
    },
    memory: () => ({ serverMb: residentMb(pid), modelMb: Math.max(0, ...childrenOf(pid).map(residentMb)) }),
    cpu: () => ({
      serverMs: cpuMs(pid),
      modelMs: childrenOf(pid)
        .map(cpuMs)
        .reduce((a, b) => a + b, 0),
    }),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Runs one job in a process of its own. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const child = fork(LOADER, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const answer = once(child, "message");
  const ended = once(child, "exit");
  child.send(job);
  const [result] = await Promise.race([
    answer,
    ended.then(() => {
      throw new Error("The loading process ended without a result.");
    }),
  ]);
  await ended;
  return result;
}

/** From Linux's own accounts; 0 elsewhere. */
function residentMb(pid: number): number {
  const status = readOr(`/proc/${pid}/status`);
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
}

/** Processor time of a process so far: clock ticks, of which Linux counts a hundred a second. */
export function cpuMs(pid: number): number {
  const fields = readOr(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}

function childrenOf(pid: number): readonly number[] {
  return readOr(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
