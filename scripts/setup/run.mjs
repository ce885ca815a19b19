// Starting other programs: every script of the repository goes through here.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ROOT } from "./paths.mjs";

/** A failure that is fully told by its message: the caller prints it and ends with `status`. */
export class Failure extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/**
 * Runs a program to its end.
 *
 * `show` says where its output goes: "all" to our own terminal, "stderr" both streams to our stderr, "errors" its
 * stderr to ours while stdout is kept, "none" everything is kept. What was kept comes back as `stdout` and, in the
 * order of arrival, as `output`. A program killed by a signal has the status a shell would report (128 + number).
 */
function run(command, args, options = {}) {
  const { cwd = ROOT, env = process.env, show = "none", shell = false, onStart } = options;
  const [stdout, stderr] = STREAMS[show];
  // Ctrl-C reaches the child too; we stay to report how it ended.
  const stay = () => {};
  process.on("SIGINT", stay);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", stdout, stderr] });
    onStart?.(child);
    const kept = { stdout: "", output: "" };
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      kept.stdout += text;
      kept.output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      kept.output += text;
    });
    child.on("error", (cause) => reject(new Failure(`${command} cannot be started: ${cause.message}.`)));
    child.on("close", (code, signal) =>
      resolve({ ...kept, status: code ?? 128 + constants.signals[signal] }),
    );
  }).finally(() => process.off("SIGINT", stay));
}

const STREAMS = {
  all: ["inherit", "inherit"],
  stderr: [2, 2],
  errors: ["pipe", "inherit"],
  none: ["pipe", "pipe"],
};

/** Runs a JavaScript file with the Node that runs us. */
export function runNode(args, options) {
  return run(process.execPath, args, options);
}

/** Runs npm, the same one that started us where there is one. */
export function runNpm(args, options = {}) {
  const given = { ...options, env: outsideNpmRun(options.env ?? process.env) };
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) return runNode([cli, ...args], given);
  // On Windows npm is a .cmd file, which only a shell can start.
  return run("npm", args, { ...given, shell: process.platform === "win32" });
}

/** Runs a line as a shell reads it. */
export function runShell(line, options = {}) {
  return run(line, [], { ...options, env: outsideNpmRun(options.env ?? process.env), shell: true });
}

// `npm run` describes itself in the environment, and an npm started below it would take that for its own settings
// (folder, --dry-run, --silent). What the user set (registry, cache, proxy) stays.
const OF_THE_OUTER_RUN =
  /^(npm_package_|npm_lifecycle_|npm_command$|INIT_CWD$|npm_config_(local_prefix|dry_run|json|loglevel|omit|include|production|global|pack_destination)$)/i;

function outsideNpmRun(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_OUTER_RUN.test(name)));
}

/** The last lines of a text, for showing how a long log ended. */
export function tail(text, lines = 25) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Runs an entry script: its result is the exit status; a `Failure` is printed as the sentence it is. */
export async function entry(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.status;
  }
}
