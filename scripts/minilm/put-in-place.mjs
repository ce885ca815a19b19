import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

const OCCUPIED = new Set(["ENOTEMPTY", "EEXIST", "EPERM"]);

/**
 * Moves a finished folder to its place by renaming, so that nobody ever reads half of it.
 * Where another process was quicker, `isCurrent` decides whether its folder may stay.
 */
export function putInPlace(finished, place, isCurrent) {
  mkdirSync(dirname(place), { recursive: true });
  const aside = `${finished}.old`;
  for (;;) {
    if (isCurrent()) break;
    moveAside(place, aside);
    if (moved(finished, place)) break;
  }
  rmSync(finished, { recursive: true, force: true });
  rmSync(aside, { recursive: true, force: true });
}

function moveAside(place, aside) {
  rmSync(aside, { recursive: true, force: true });
  try {
    renameSync(place, aside);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function moved(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (OCCUPIED.has(error.code)) return false;
    throw error;
  }
}
