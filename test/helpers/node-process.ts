import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const DIST = new URL("../../dist/", import.meta.url);

export interface NodeProcess {
  readonly child: ChildProcess;
  /** Standard output so far. */
  readonly output: () => string;
  /** Resolves at the end with everything that was printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
}

export interface NodeProcessOptions {
  /** Become this user first, so that permissions mean something to a test that runs as root. */
  readonly uid?: number | undefined;
}

/**
 * Starts Node on a module's text, in which `dist(path)` imports from the built package and `args` are the
 * arguments; the test's end kills it. The package must be built (`npm test` does): other processes cannot run the sources.
 */
export function startNode(
  body: string,
  args: readonly string[],
  options: NodeProcessOptions = {},
): NodeProcess {
  if (!existsSync(fileURLToPath(new URL("lib/storage/sqlite/adapter.js", DIST)))) {
    throw new Error("The package is not built: run `npm run build` first.");
  }
  const script = `
    const dist = (path) => import(${JSON.stringify(DIST.href)} + path);
    const args = process.argv.slice(1);
    ${body}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, "--", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const output = collected(child.stdout);
  const errors = collected(child.stderr);
  const ended = new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output: output(), errors: errors() }));
  });
  return { child, output, ended };
}

/** Text of a stream so far. */
function collected(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (part: Buffer) => {
    text += part.toString("utf8");
  });
  return () => text;
}

/** Whether another user can run the built package and has a place for temporary files here. */
export function canWorkAs(uid: number | undefined): boolean {
  if (uid === undefined) return true;
  const script = `
    const { accessSync, constants } = require("node:fs");
    accessSync(${JSON.stringify(fileURLToPath(DIST))}, constants.R_OK | constants.X_OK);
    accessSync(require("node:os").tmpdir(), constants.W_OK);
  `;
  return spawnSync(process.execPath, ["--eval", script], { uid, gid: uid }).status === 0;
}
