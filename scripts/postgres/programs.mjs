// Which PostgreSQL is run: an installed one, else one in a cache, else one that is fetched into the cache.
import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../setup/run.mjs";
import { makeFolder, statOf } from "./account.mjs";
import { binOf, fetchPrograms, MAJOR } from "./programs-fetched.mjs";
import { installedPrograms, vectorVersion } from "./programs-installed.mjs";

const NAME = "aiknowsys-pg";
const SHARED = join("/var/tmp", NAME);

/** `{ bin, version, vector, from }` of a PostgreSQL that can be run now; fetches one where there is none. */
export async function findPrograms({ cache }) {
  const installed = await installedPrograms();
  if (installed !== undefined) return installed;
  const places = cachePlaces(cache);
  const place = places.find(isFilled) ?? places.find(canBeFilled);
  if (place === undefined) throw new Failure(`None of these can hold a PostgreSQL: ${places.join(", ")}.`, 5);
  const folder = join(place, `pg${MAJOR}`);
  if (!isFilled(place)) await fetchPrograms(folder);
  const shares = [join(folder, "usr/share/postgresql", String(MAJOR))];
  return { bin: binOf(folder), version: String(MAJOR), vector: vectorVersion(shares), from: folder };
}

// Root's programs are run by another account, which cannot look into root's home.
function cachePlaces(given) {
  if (given !== undefined) return [given];
  if (process.getuid?.() === 0) return [SHARED];
  const home = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return [SHARED, join(home, NAME), `${SHARED}-${process.getuid?.()}`];
}

// Programs that a stranger could have put there, or could change, are not run.
function isFilled(place) {
  const folder = join(place, `pg${MAJOR}`);
  return [place, folder].every(isTrusted) && existsSync(join(binOf(folder), ".elf", "postgres"));
}

function isTrusted(folder) {
  const stat = statOf(folder);
  if (stat?.isDirectory() !== true) return false;
  const us = process.getuid?.();
  return (stat.uid === 0 || stat.uid === us) && (stat.mode & 0o022) === 0;
}

function canBeFilled(place) {
  try {
    for (const folder of [dirname(place), place]) makeFolder(folder);
    accessSync(place, constants.W_OK);
    return isTrusted(place);
  } catch {
    return false;
  }
}
