import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../lib/config.ts";
import { type Measurement, percentiles } from "./measure.ts";

const CLI = fileURLToPath(new URL("../lib/cli/main.js", import.meta.url));
const INITIALIZE = `${JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "0" } },
})}\n`;

/** What is timed as a whole process, interleaved with what it is compared with. */
export const PROCESS_OPERATIONS: Readonly<
  Record<string, (home: string, withPeers: boolean) => Promise<Measurement>>
> = {
  "light-command": async (home) => {
    const pairs = await interleaved(
      15,
      () => exitOf(process.execPath, [CLI, "query-plans", "--json"], home),
      () => exitOf(process.execPath, ["-e", "0"], home),
    );
    const { n, p50Ms, p95Ms } = percentiles(pairs.ours);
    return {
      operation: "light-command",
      engine: "sqlite",
      events: 0,
      n,
      p50Ms,
      p95Ms,
      peerMs: percentiles(pairs.peer).p50Ms,
      note: "query-plans --json; peer: node -e 0",
    };
  },
  "mcp-handshake": async (home, withPeers) => {
    const peer = resolve("node_modules", "@modelcontextprotocol", "server-memory", "dist", "index.js");
    const isPeer = withPeers && existsSync(peer);
    const ours = () => answerOf(process.execPath, [CLI, "mcp"], home);
    const pairs = await interleaved(
      15,
      ours,
      isPeer ? () => answerOf(process.execPath, [peer], home) : undefined,
    );
    const { n, p50Ms, p95Ms } = percentiles(pairs.ours);
    const note = isPeer
      ? "peer: @modelcontextprotocol/server-memory"
      : "with --peers and @modelcontextprotocol/server-memory installed: beside it";
    return {
      operation: "mcp-handshake",
      engine: "sqlite",
      events: 0,
      n,
      p50Ms,
      p95Ms,
      ...(isPeer && { peerMs: percentiles(pairs.peer).p50Ms }),
      note,
    };
  },
};

async function interleaved(n: number, ours: () => Promise<number>, peer?: () => Promise<number>) {
  const took: { readonly ours: number[]; readonly peer: number[] } = { ours: [], peer: [] };
  await ours();
  await peer?.();
  for (let round = 0; round < n; round++) {
    took.ours.push(await ours());
    if (peer !== undefined) took.peer.push(await peer());
  }
  return took;
}

/** Time from spawn to exit, in ms. */
function exitOf(command: string, args: readonly string[], home: string): Promise<number> {
  const started = performance.now();
  const child = start(command, args, home);
  child.stdin.end();
  child.stdout.resume();
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", () => done(performance.now() - started));
  });
}

/** Time from spawn to the first line of the answer to `initialize`, in ms. */
function answerOf(command: string, args: readonly string[], home: string): Promise<number> {
  const started = performance.now();
  const child = start(command, args, home);
  child.stdin.write(INITIALIZE);
  return new Promise((done, failed) => {
    let tookMs = 0;
    child.on("error", failed);
    child.stdout.once("data", () => {
      tookMs = performance.now() - started;
      child.stdin.end();
      child.kill();
    });
    child.on("exit", () =>
      tookMs > 0 ? done(tookMs) : failed(new Error(`${args.join(" ")} ended without an answer.`)),
    );
  });
}

function start(command: string, args: readonly string[], home: string) {
  mkdirSync(home, { recursive: true });
  const env = { ...environment(), AIKNOWSYS_HOME: home, MEMORY_FILE_PATH: resolve(home, "memory.jsonl") };
  return spawn(command, [...args], { cwd: home, env, stdio: ["pipe", "pipe", "ignore"] });
}
