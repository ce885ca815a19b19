// The image's program over a real PostgreSQL, as a user who owns nothing but a home folder.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Failure, tail } from "../setup/run.mjs";

/** `nobody`, where we are root and can become it. */
const NOBODY = 65_534;
const asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const WITHIN_MS = 60_000;

/** How the program of the image in `app` is run: `run(args)` to its end, `serve()` until it is told to end. */
export function programOf(stage, { app, folder, url }) {
  const home = join(folder, "home");
  const project = join(home, "project");
  for (const path of [home, project]) {
    mkdirSync(path, { mode: 0o700 });
    if (asUser.uid !== undefined) chownSync(path, NOBODY, NOBODY);
  }
  chmodSync(folder, 0o755);
  const env = { PATH: process.env.PATH, HOME: home, USER: "node", ...stage.env, POSTGRES_URL: url };
  const [, ...program] = stage.entrypoint;
  const [file, ...rest] = [join(app, program[0]), ...program.slice(1)];
  const start = (command, options = {}) =>
    spawn(process.execPath, command, {
      ...{ cwd: project, stdio: ["ignore", "pipe", "pipe"], ...asUser },
      env: { ...env, ...options.env },
    });
  return {
    run: (args) => ended(start([file, ...rest, ...args])),
    healthcheck: (port) => ended(start(stage.healthcheck.slice(1), { env: { PORT: port } })),
    serve: (port) => served(start([file, ...rest, ...stage.command], { env: { PORT: port } })),
  };
}

/** Waits for the end of a program that must end well; the result is what it printed. */
async function ended(child) {
  const said = kept(child);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Failure(`${tail(said.all)}\n\nIt ended with ${code}.`);
  return said.stdout;
}

async function served(child) {
  const said = kept(child);
  const exited = once(child, "exit");
  for (let waited = 0; !said.stdout.includes("Serving MCP at"); waited += 50) {
    if (waited > WITHIN_MS || child.exitCode !== null)
      throw new Failure(`serve did not start:\n${tail(said.all)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const end = async (signal) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  process.on("exit", () => child.kill("SIGKILL"));
  return { end, memory: () => memoryOf(child.pid) };
}

function kept(child) {
  const said = { stdout: "", all: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.stdout += text;
    said.all += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.all += text;
  });
  return said;
}

/** Resident megabytes of the server and, together, of the processes it started; on Linux. */
function memoryOf(pid) {
  const figure = (file, name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1]);
  const megabytes = (of) => Math.round(figure(`/proc/${of}/status`, "VmRSS") / 1_000);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = pids.filter((of) => figure(`/proc/${of}/status`, "PPid") === pid);
  return { server: megabytes(pid), model: children.reduce((sum, of) => sum + megabytes(of), 0) };
}

/** A tool call in one request; the result is the tool's structured answer. */
export async function callTool(port, token, name, args) {
  const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const { result } = JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text);
  assert.notEqual(result?.isError, true, text);
  return result.structuredContent;
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return String(port);
}
