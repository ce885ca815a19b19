// Starts, stops and lists throw-away PostgreSQL servers.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Failure, tail } from "../setup/run.mjs";
import {
  addUse,
  clearFolder,
  dataOf,
  defaultFolder,
  isFree,
  isUsed,
  logOf,
  noteOf,
  prepareFolder,
  removeUse,
  runningIn,
  usualFolders,
  writeNote,
} from "./folder.mjs";
import { isAlive, oneAtATime } from "./lock.mjs";
import { runProgram } from "./program.mjs";
import { findPrograms } from "./programs.mjs";
import { copyServer, forgetReplica } from "./replica.mjs";

const PORTS_TO_TRY = 100;
const PATIENCE_MS = 30_000;
const SUPERUSER = "postgres";
const CLI = fileURLToPath(new URL("../postgres-for-tests.mjs", import.meta.url));
const NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/**
 * Starts the server that `settings` describe, or finds it running: `{ url, dir, port, version, vector, from, started }`.
 * With `settings.pid` it is stopped once that process and all others it was started for are gone; without, it stays
 * until it is stopped. Throws a `Failure`; its status is 5 where no PostgreSQL with pgvector can be had.
 */
export async function startServer(settings) {
  return (
    keptServer(settings) ??
    oneAtATime(async () => {
      const place = await findPlace(settings);
      if (!place.running) await startIn(place, settings);
      const note = noteOf(place.dir);
      if (settings.pid === undefined && !note.kept) writeNote(place.dir, { ...note, kept: true });
      // A server that is kept outlives its users, and its folder may be another program's: nothing is written there.
      if (settings.pid !== undefined && !note.kept) {
        addUse(place.dir, settings.pid);
        if (!place.running) watch(place.dir);
      }
      return { ...describe(place), started: !place.running };
    })
  );
}

/**
 * Ends the server that `settings` describe, with its replicas; with `settings.pid`, only if it was started for
 * processes of which this is the last. Answers its folder, or undefined where none was ended.
 */
export function stopServer(settings) {
  return oneAtATime(async () => {
    const place = settings.dir === undefined ? runningPlace(settings) : { dir: settings.dir };
    if (place === undefined || runningIn(place.dir) === undefined) return undefined;
    if (settings.pid !== undefined) {
      removeUse(place.dir, settings.pid);
      if (noteOf(place.dir).kept || isUsed(place.dir)) return undefined;
    }
    await end(place.dir);
    return place.dir;
  });
}

/** Our running servers in the usual place, and the one in `settings.dir`. */
export function listServers({ dir }) {
  const folders = new Set([...usualFolders(), ...(dir === undefined ? [] : [dir])]);
  return [...folders].flatMap((folder) => {
    const running = runningIn(folder);
    return running === undefined
      ? []
      : [{ ...describe({ dir: folder, port: running.port }), pid: running.pid }];
  });
}

/** Ends a server once nothing it was started for is left; returns when it is gone or is to be kept. */
export async function watchServer({ dir, everyMs = 2_000 }) {
  for (;;) {
    await sleep(everyMs);
    if (runningIn(dir) === undefined || noteOf(dir).kept) return;
    if (!isUsed(dir)) await stopServer({ dir, pid: process.pid });
  }
}

/** A server that stays whoever needs it: nobody has to wait for the lock to use it. */
function keptServer({ dir: given, port: first, replicaOf, pid }) {
  const dir = given ?? defaultFolder(first);
  const running = replicaOf === undefined && pid !== undefined ? runningIn(dir) : undefined;
  if (running === undefined || !running.isReady || !noteOf(dir).kept) return undefined;
  return { ...describe({ dir, port: running.port }), started: false };
}

/** Where the server runs already, or a port and folder that nobody uses. */
async function findPlace(settings) {
  const { dir: given, port: first, replicaOf } = settings;
  if (given !== undefined) {
    const running = runningIn(given);
    if (running !== undefined) return { dir: given, port: running.port, running: true };
    if (!isFree(given)) throw new Failure(`${given} holds something else: give another folder.`, 2);
  }
  for (let port = first; port < first + PORTS_TO_TRY && port < 65_536; port += 1) {
    const dir = given ?? defaultFolder(port);
    const running = runningIn(dir);
    if (running !== undefined && replicaOf === undefined) return { dir, port: running.port, running: true };
    if (running === undefined && isFree(dir) && (await canListen(port))) return { dir, port, running: false };
  }
  throw new Failure(`No port from ${first} on is free: give another with --port.`, 5);
}

function runningPlace({ port: first }) {
  for (let port = first; port < first + PORTS_TO_TRY; port += 1) {
    if (runningIn(defaultFolder(port)) !== undefined) return { dir: defaultFolder(port) };
  }
  return undefined;
}

function canListen(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

async function startIn({ dir, port }, settings) {
  const programs = await findPrograms(settings);
  prepareFolder(dir);
  try {
    const { replicaOf, pid } = settings;
    const slot = `replica_${port}`;
    writeNote(dir, {
      ...programs,
      kept: pid === undefined,
      ...(replicaOf !== undefined && { replicaOf, slot }),
    });
    if (replicaOf === undefined) await newCluster(programs, dir);
    else await copyServer(programs, replicaOf, dir, slot);
    await launch(programs, dir, port, settings);
  } catch (error) {
    await end(dir);
    throw error;
  }
}

async function newCluster({ bin }, dir) {
  const locale = process.platform === "linux" ? "C.UTF-8" : "C";
  const args = [
    "-D",
    dataOf(dir),
    "-U",
    SUPERUSER,
    "-A",
    "trust",
    "-E",
    "UTF8",
    `--locale=${locale}`,
    "--no-sync",
  ];
  const { status, output } = await runProgram(join(bin, "initdb"), args, { asServer: true });
  if (status !== 0) throw new Failure(`${tail(output, 5)}\n\ninitdb failed (its last lines are above).`);
}

async function launch({ bin }, dir, port, { durable, sharedBuffers }) {
  const values = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    // Reached over loopback only: a socket's path may not be longer than some 100 characters.
    "unix_socket_directories=",
    `shared_buffers=${sharedBuffers}`,
    "max_connections=200",
    "jit=off",
    ...(durable ? [] : NOT_DURABLE),
  ];
  const options = values.map((value) => `-c ${value}`).join(" ");
  const args = ["-D", dataOf(dir), "-w", "-t", "60", "-l", logOf(dir), "-o", options, "start"];
  const { status, output } = await runProgram(join(bin, "pg_ctl"), args, { asServer: true });
  if (status === 0) return;
  throw new Failure(
    `${tail(logText(dir) || output, 8)}\n\nPostgreSQL did not start (its last lines are above).`,
  );
}

function logText(dir) {
  try {
    return readFileSync(logOf(dir), "utf8");
  } catch {
    return "";
  }
}

/** Its replicas first: they would try to reach it for ever. */
async function end(dir) {
  const replicas = usualFolders().filter((each) => noteOf(each).replicaOf === dir);
  for (const replica of replicas) await end(replica);
  const running = runningIn(dir);
  if (running !== undefined) await quit(running.pid);
  await forgetReplica(noteOf(dir));
  clearFolder(dir);
}

/** What PostgreSQL calls an immediate shutdown, for nobody needs the data; its first process waits for the others. */
async function quit(pid) {
  process.kill(pid, "SIGQUIT");
  for (let waitedMs = 0; isAlive(pid); waitedMs += 20) {
    if (waitedMs > PATIENCE_MS) throw new Failure(`PostgreSQL does not end: see process ${pid}.`);
    await sleep(20);
  }
}

function watch(dir) {
  const child = spawn(process.execPath, [CLI, "watch", "--dir", dir], {
    cwd: "/",
    detached: true,
    stdio: "ignore",
  });
  child.unref();
}

function describe({ dir, port }) {
  const { version, vector, from, replicaOf, kept } = noteOf(dir);
  return {
    url: `postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`,
    dir,
    port,
    version,
    vector,
    from,
    replicaOf,
    kept,
  };
}
