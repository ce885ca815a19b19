// Where a server for tests lies and how it is tuned: flags first, then the environment, then these defaults.
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../setup/run.mjs";

const DEFAULT_PORT = 54399;

/** Parent of the servers' folders: /tmp itself and not TMPDIR, so that every run of a user finds the same ones. */
export const SERVERS = process.platform === "win32" ? tmpdir() : "/tmp";

export const USAGE = `usage: node scripts/postgres-for-tests.mjs start|stop|status [options]

start     starts a PostgreSQL with pgvector on a loopback port, or finds the one that is running
stop      ends it and its replicas, and deletes their folders
status    tells which servers of this user are running

--port N           first port to try (PG_PORT, ${DEFAULT_PORT}); a port that somebody else uses is passed over
--dir FOLDER       the server's own folder (PG_DIR, ${join(SERVERS, "aiknowsys-pg-PORT")})
--replica-of DIR   start: make a streaming replica of the server in DIR, on another port
--for PID          start: stop the server when this process and all others it was started for are gone;
                   stop: this process needs it no more
--json             print one line of JSON instead of a line for the shell

PG_CACHE: where fetched programs are kept.  PG_DURABLE=1: leave fsync on (benchmarks).
PG_SHARED_BUFFERS: 256MB.`;

/** What the command line and the environment ask for. Throws a `Failure` with the usage on anything unknown. */
export function settingsFrom(args, env = process.env) {
  const { values, positionals } = parse(args);
  const [verb, ...rest] = positionals;
  if (verb === undefined || rest.length > 0) throw new Failure(USAGE, 2);
  const ofReplica = values["replica-of"] !== undefined;
  // The environment describes the first server; a replica beside it must not take its folder.
  const dir = values.dir ?? (ofReplica ? undefined : env.PG_DIR || undefined);
  return {
    verb,
    json: values.json === true,
    port: whole("port", values.port ?? (env.PG_PORT || String(DEFAULT_PORT)), 65_535),
    dir: dir && resolve(dir),
    replicaOf: ofReplica ? resolve(values["replica-of"]) : undefined,
    pid: values.for === undefined ? undefined : whole("for", values.for, 2 ** 31),
    cache: env.PG_CACHE ? resolve(env.PG_CACHE) : undefined,
    durable: Boolean(env.PG_DURABLE) && env.PG_DURABLE !== "0",
    sharedBuffers: memory(env.PG_SHARED_BUFFERS || "256MB"),
  };
}

function parse(args) {
  const text = { type: "string" };
  const options = { port: text, dir: text, "replica-of": text, for: text, json: { type: "boolean" } };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Failure(`${error.message}\n\n${USAGE}`, 2);
  }
}

function whole(name, text, most) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && number <= most) return number;
  throw new Failure(`"${text}" cannot be used as ${name}: give a whole number from 1 to ${most}.`, 2);
}

function memory(text) {
  if (/^\d+(kB|MB|GB)$/.test(text)) return text;
  throw new Failure(`PG_SHARED_BUFFERS is "${text}": give an amount such as 256MB.`, 2);
}
