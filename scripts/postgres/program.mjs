// Runs PostgreSQL's and apt's programs.
import { spawn } from "node:child_process";
import { account } from "./account.mjs";

/**
 * Runs a program to its end: `{ status, output, stdout }`. A program that cannot be started has status 127.
 * `asServer` runs it as the servers' account. The PG… variables of the caller's environment would change what
 * PostgreSQL's programs do, so they stay out.
 */
export function runProgram(command, args, { cwd = "/", asServer = false, env = {}, timeoutMs } = {}) {
  const { uid, gid } = asServer ? account() : {};
  const child = spawn(command, args, {
    cwd,
    env: { ...outside(), LC_ALL: "C", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(uid !== undefined && { uid, gid }),
  });
  let output = "";
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ status: 127, output: error.message, stdout: "" }));
    child.on("close", (code) => resolve({ status: code ?? 128, output, stdout }));
  });
}

function outside() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name)));
}
