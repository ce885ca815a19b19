// One installation or build at a time in a clone: two terminals may start a command at once.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CACHE } from "./paths.mjs";

const LOCK = join(CACHE, "build.lock");

/** Runs `work` while no other process of this clone does. A lock whose owner is gone is taken over. */
export async function alone(work) {
  mkdirSync(CACHE, { recursive: true });
  let told = false;
  while (!take()) {
    const owner = ownerOf();
    if (owner !== undefined && !isAlive(owner)) rmSync(LOCK, { force: true });
    else if (!told) {
      console.error(`Waiting for another build in this folder (process ${owner ?? "unknown"}).`);
      told = true;
    }
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function take() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf() {
  try {
    const pid = Number(readFileSync(LOCK, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
