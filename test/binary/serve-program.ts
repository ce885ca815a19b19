import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type makePlace, PROGRAM } from "./cli-program.ts";

type Place = ReturnType<typeof makePlace>;

export interface Served {
  readonly child: ChildProcess;
  readonly url: URL;
  readonly stdout: () => string;
  /** The log so far. */
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts `serve` at a free port and waits until it can be called. */
export async function serveAt(
  place: Place,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Served> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--port", "0", "--json", ...args], {
    ...{ cwd: place.project, env: { ...place.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "exit").then(([code]): number | null => code);
  for (let waited = 0; !stdout.includes("\n"); waited += 20) {
    if (waited > 25_000 || child.exitCode !== null) throw new Error(`serve did not start: ${stderr}`);
    await sleep(20);
  }
  return { child, url: new URL(JSON.parse(stdout).url), stdout: () => stdout, stderr: () => stderr, ended };
}
