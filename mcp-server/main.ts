import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { type Config, environment, loadConfig } from "../lib/config.ts";
import { openLogger } from "../lib/log.ts";
import { catchUpWhenIdle } from "./catch-up.ts";
import { createOpener } from "./opener.ts";
import { buildServer } from "./server.ts";
import { parseProfile } from "./tools.ts";

/** Milliseconds that closing may take before the process ends anyway. */
const CLOSING_MS = 700;

/** Serves MCP over stdio until the client closes its end. Stdout carries nothing but the protocol. */
export async function runMcp(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tools: { type: "string", default: "core" },
      project: { type: "string" },
      db: { type: "string" },
      storage: { type: "string" },
      tenant: { type: "string" },
      quiet: { type: "boolean" },
      verbose: { type: "boolean" },
    },
  });
  const profile = parseProfile(values.tools);
  const config = once(() => loadConfig({ flags: values, env: environment(), cwd: process.cwd() }));
  const log = openLogger(values.verbose === true ? "debug" : "warn", process.stderr);
  const opener = createOpener(config);
  const catchUp = catchUpWhenIdle(opener, log);
  const handle = serveStdio(
    () => buildServer({ version: versionOf(), profile, config, opener, log, onSearch: catchUp.wake }),
    {
      onerror: (error) => log.warn("A message could not be served.", { cause: error.message }),
    },
  );
  await ended();
  setTimeout(() => process.exit(0), CLOSING_MS).unref();
  catchUp.stop();
  await handle.close();
  await opener.close();
}

/** Resolves when the client closes stdin or the process is asked to end. */
function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "close"] as const) process.stdin.once(event, () => resolve());
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    // A client that is gone cannot be told anything: writing to it ends the server quietly.
    process.stdout.once("error", () => resolve());
  });
}

function once(load: () => Config): () => Config {
  let config: Config | undefined;
  return () => {
    config ??= load();
    return config;
  };
}

function versionOf(): string {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    const text = readIfThere(new URL("package.json", folder));
    const version = /"name":\s*"aiknowsys"[\s\S]*?"version":\s*"([^"]+)"/.exec(text)?.[1];
    if (version !== undefined) return version;
    if (folder.pathname === "/") return "0.0.0";
  }
}

function readIfThere(url: URL): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return "";
  }
}
