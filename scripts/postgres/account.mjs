// Whose processes and files a server's are. PostgreSQL refuses to run as root: root's servers run as an account that
// is there anyway; nobody is added to the system.
import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync } from "node:fs";
import { Failure } from "../setup/run.mjs";

const FOR_ROOT = ["postgres", "nobody"];

let known;

/** The account of our servers: `undefined` numbers mean "who we are already". */
export function account() {
  known ??= process.getuid?.() === 0 ? accountForRoot() : {};
  return known;
}

function accountForRoot() {
  for (const name of FOR_ROOT) {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, name]).stdout || NaN));
    if (uid > 0 && gid >= 0) return { uid, gid };
  }
  throw new Failure("PostgreSQL does not run as root, and there is no user postgres or nobody here.", 5);
}

/** Makes a folder that the servers' account owns. */
export function makeOwned(folder) {
  const { uid, gid } = account();
  try {
    makeFolder(folder);
    if (uid !== undefined) chownSync(folder, uid, gid);
  } catch (error) {
    throw new Failure(`No server can be put into ${folder} (${error.code}): give another folder.`, 2);
  }
}

/** Whether a path is a real folder of ours, and not one that somebody else put there or linked to. */
export function isOurs(folder) {
  const stat = statOf(folder);
  if (stat?.isDirectory() !== true) return false;
  const us = process.getuid?.();
  return us === undefined || stat.uid === us || stat.uid === account().uid;
}

/** Makes a folder beside others; one that is there already is fine. */
export function makeFolder(folder) {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

/** What lies at a path, links not followed; undefined where nothing does or we may not look. */
export function statOf(path) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
