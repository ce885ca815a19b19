// One start or stop at a time for a user: two test runs may begin in the same second.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../setup/run.mjs";
import { SERVERS } from "./settings.mjs";

const LOCK = join(SERVERS, `aiknowsys-pg-${process.getuid?.() ?? "user"}.lock`);
const PATIENCE_MS = 300_000;

/** Runs `work` while no other process of this user does. A lock whose owner is gone is taken over. */
export async function oneAtATime(work) {
  const since = Date.now();
  while (!take()) {
    clearIfStale();
    if (Date.now() - since > PATIENCE_MS) {
      throw new Failure(`Another start of PostgreSQL goes on for minutes: see the process named in ${LOCK}.`);
    }
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

// Linking a written file makes lock and owner appear in one step: nobody sees a lock without its owner.
function take() {
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

// The stale lock is moved away before it is deleted: of two who find it, only one moves it, and a fresh lock that was
// moved by mistake is put back.
function clearIfStale() {
  if (!isStale(LOCK)) return;
  const aside = `${LOCK}.stale.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    if (!isStale(aside)) linkSync(aside, LOCK);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function isStale(file) {
  try {
    return !isAlive(Number(readFileSync(file, "utf8")));
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** Whether a process is there, ours or not. One that has ended and only waits for its parent to notice is not. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return !hasEnded(pid);
}

function hasEnded(pid) {
  if (process.platform !== "linux") return false;
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return error.code === "ENOENT";
  }
}
