// A client of the MCP server over stdin and stdout in raw JSON-RPC, with nothing between us and the bytes.
import { spawn } from "node:child_process";
import { once } from "node:events";

const ANSWER_WITHIN_MS = 20_000;

/** Starts a server; `ask` sends a request and gives its result, `end` closes stdin and gives the milliseconds until exit. */
export function openSession(program, { cwd, env }) {
  const child = spawn(process.execPath, [program, "mcp"], { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const waiting = new Map();
  const strays = [];
  let rest = "";
  let lastId = 0;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) receive(line, waiting, strays);
  });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const ask = (method, params) => {
    lastId += 1;
    const id = lastId;
    const answer = new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      setTimeout(
        () => reject(new Error(`${method} got no answer in ${ANSWER_WITHIN_MS} ms`)),
        ANSWER_WITHIN_MS,
      ).unref();
    });
    send({ id, method, params });
    return answer;
  };
  const end = async () => {
    const started = performance.now();
    child.stdin.end();
    const killer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    const [status] = await exited;
    clearTimeout(killer);
    return { status, tookMs: Math.round(performance.now() - started), strays };
  };
  return { ask, notify: (method, params) => send({ method, params }), end };
}

function receive(line, waiting, strays) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    strays.push(line);
    return;
  }
  if (message.jsonrpc !== "2.0") strays.push(line);
  const asked = waiting.get(message.id);
  if (asked === undefined) return;
  waiting.delete(message.id);
  if (message.error === undefined) asked.resolve(message.result);
  else asked.reject(new Error(JSON.stringify(message.error)));
}
