import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { CursorMemory, Logger } from "./knowledge/deps.ts";

/** Most cursors that are kept; the oldest go first. */
const MOST = 500;

/** Resume cursors in a small JSON file of AIKNOWSYS_HOME. A file that cannot be written costs a message, not the answer. */
export function openCursorFile(path: string, log: Logger): CursorMemory {
  return {
    read: (key) => load(path).get(key),
    write: (key, cursor) => {
      const cursors = load(path);
      cursors.delete(key);
      cursors.set(key, cursor);
      try {
        save(path, [...cursors].slice(-MOST));
      } catch (error) {
        log.debug("The resume cursor could not be kept.", { cause: String(error) });
      }
    },
  };
}

function load(path: string): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    // Absent or damaged: the next resume shows everything once more.
    return new Map();
  }
}

function save(path: string, entries: readonly (readonly [string, string])[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
  renameSync(temporary, path);
}
