import { Console } from "node:console";
import { homedir } from "node:os";
import { type Config, environment, loadConfig } from "../lib/config.ts";
import { openLogger } from "../lib/log.ts";
import { type RemoteSettings, remoteSettings } from "../lib/remote-settings.ts";
import { catchUpWhenIdle } from "./catch-up.ts";
import { withArgumentsAsObject } from "./lenient-call.ts";
import { answerWhatIsNoJson } from "./not-json.ts";
import { createOpener } from "./opener.ts";
import { packageVersion } from "./package-version.ts";
import { StdioServerTransport, serveStdio } from "./sdk.ts";
import { buildServer } from "./server.ts";
import { type Options, parseOptions, refusal } from "./startup.ts";
import { toolsOf } from "./tools.ts";

/** Milliseconds that closing may take before the process ends anyway. */
const CLOSING_MS = 700;
/** Bytes of one message; a larger one ends the connection. The largest text that is taken has 4 million characters. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Serves MCP over stdio until the client closes its end. Stdout carries nothing but the protocol. */
export async function runMcp(argv: readonly string[]): Promise<void> {
  try {
    await serve(parseOptions(argv));
  } catch (thrown) {
    const { text, status } = refusal(thrown, argv);
    process.stderr.write(text);
    process.exitCode = status;
  }
}

async function serve(options: Options): Promise<void> {
  // A stray print anywhere would break the protocol: nothing but the transport gets to stdout.
  globalThis.console = new Console(process.stderr, process.stderr);
  const env = environment();
  const remote = remoteSettings((name) => env[name]);
  if (remote === undefined) await serveOwnStore(options);
  else await serveFromAfar(remote, options);
}

/** Passes everything on to the shared instance; nothing of this machine's store is opened. */
async function serveFromAfar(remote: RemoteSettings, { flags, profile }: Options): Promise<void> {
  const env = environment();
  const ending = ended(() => undefined);
  const { bridgeStdio } = await import("./bridge-stdio.ts");
  await bridgeStdio({
    remote,
    toolset: profile,
    project: flags.project ?? (env.AIKNOWSYS_PROJECT || undefined),
    cwd: process.cwd(),
    userHome: env.HOME || homedir(),
    log: openLogger("warn", process.stderr),
    stdin: process.stdin,
    stdout: process.stdout,
    ended: ending,
  });
  process.exit(0);
}

async function serveOwnStore({ flags, profile }: Options): Promise<void> {
  const config = once(() => loadConfig({ flags, env: environment(), cwd: process.cwd() }));
  let isEnding = false;
  const end = ended(() => {
    isEnding = true;
  });
  // What fails because it is being closed is no news.
  const stderr = { write: (text: string) => isEnding || process.stderr.write(text) };
  const log = openLogger(logLevelOf(config), stderr);
  const tools = toolsOf(profile);
  const opener = createOpener(config);
  const catchUp = catchUpWhenIdle(opener, log);
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MOST_BYTES });
  const handle = serveStdio(
    () => buildServer({ version: packageVersion(), tools, config, opener, log, onSearch: catchUp.wake }),
    {
      transport,
      onerror: (error) => log.warn("A message could not be served.", { cause: error.message }),
    },
  );
  const { onmessage } = transport;
  transport.onmessage = (message) => onmessage?.(withArgumentsAsObject(message));
  process.stdin.on(
    "data",
    answerWhatIsNoJson((text) => void process.stdout.write(text), MOST_BYTES),
  );
  await end;
  setTimeout(() => process.exit(0), CLOSING_MS).unref();
  catchUp.stop();
  await handle.close();
  await opener.close();
}

/** Resolves when the client closes stdin or the process is asked to end; `onEnd` is called at once. */
function ended(onEnd: () => void): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      onEnd();
      resolve();
    };
    for (const event of ["end", "close"] as const) process.stdin.once(event, end);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
    // A client that is gone cannot be told anything: writing to it ends the server quietly.
    process.stdout.once("error", end);
  });
}

/** A setting that cannot be read is told to whoever calls a tool; until then the server is quiet as usual. */
function logLevelOf(config: () => Config): Config["logLevel"] {
  try {
    return config().logLevel;
  } catch {
    return "warn";
  }
}

function once(load: () => Config): () => Config {
  let config: Config | undefined;
  return () => {
    config ??= load();
    return config;
  };
}
