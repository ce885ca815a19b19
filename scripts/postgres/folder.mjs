// The folder of one server: data, log, our notes about it. Only what we put there is ever deleted.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isOurs, makeOwned, statOf } from "./account.mjs";
import { isAlive } from "./lock.mjs";
import { SERVERS } from "./settings.mjs";

const NOTE = "about.json";
const USES = "uses";
const OURS = [NOTE, USES, "data", "log"];

export function defaultFolder(port) {
  return join(SERVERS, `aiknowsys-pg-${port}`);
}

/** Folders in the usual place that may hold a server of ours. */
export function usualFolders() {
  return readdirSync(SERVERS)
    .filter((name) => /^aiknowsys-pg-\d+$/.test(name))
    .map((name) => join(SERVERS, name))
    .filter(isOurs);
}

export const dataOf = (dir) => join(dir, "data");
export const logOf = (dir) => join(dir, "log");

/** `{ pid, port, isReady }` of the server that runs in a folder of ours, or undefined. */
export function runningIn(dir) {
  if (!isOurs(dir)) return undefined;
  const lines = textOf(join(dataOf(dir), "postmaster.pid"))?.split("\n") ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  const isReady = lines[7]?.trim() === "ready";
  return pid > 0 && port > 0 && isAlive(pid) && worksIn(pid, dataOf(dir))
    ? { pid, port, isReady }
    : undefined;
}

// After a crash the file stays, and its number may have become another program's. PostgreSQL works in its data folder.
function worksIn(pid, folder) {
  if (process.platform !== "linux") return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    return false;
  }
}

/** Whether a server may be put here: nothing is there, or only the remains of one of ours. */
export function isFree(dir) {
  if (statOf(dir) === undefined) return true;
  if (!isOurs(dir)) return false;
  const names = readdirSync(dir);
  return names.length === 0 || existsSync(join(dataOf(dir), "PG_VERSION")) || names.includes(NOTE);
}

export function prepareFolder(dir) {
  clearFolder(dir);
  makeOwned(dir);
}

/** Deletes a server that has ended; what somebody else put beside it stays. */
export function clearFolder(dir) {
  if (statOf(dir) === undefined) return;
  for (const name of OURS) rmSync(join(dir, name), { recursive: true, force: true });
  try {
    rmdirSync(dir);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY") throw error;
  }
}

/**
 * What is noted about a server: `kept` (it stays until it is stopped by name), `bin`,
 * `version`, `vector`, `from`, and of a replica `replicaOf` and `slot`. A server without a note was started by other means and is kept.
 */
export function noteOf(dir) {
  const text = textOf(join(dir, NOTE));
  return text === undefined ? { kept: true } : JSON.parse(text);
}

export function writeNote(dir, note) {
  writeFileSync(join(dir, NOTE), `${JSON.stringify(note)}\n`);
}

/** Notes that a process needs the server. */
export function addUse(dir, pid) {
  mkdirSync(join(dir, USES), { recursive: true });
  writeFileSync(join(dir, USES, String(pid)), "");
}

export function removeUse(dir, pid) {
  rmSync(join(dir, USES, String(pid)), { force: true });
}

/** Whether a process that needs the server still lives. */
export function isUsed(dir) {
  const uses = join(dir, USES);
  return existsSync(uses) && readdirSync(uses).some((pid) => isAlive(Number(pid)));
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}
