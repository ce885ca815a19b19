import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { sha256 } from "../domain/ids.ts";

/** Characters of a working copy's mark: enough for none to be another's. */
const LENGTH = 24;

/**
 * What tells a working copy from those of other folders and machines, and says nothing about either: a hash of the folder's
 * path and of a random key that is kept in AIKNOWSYS_HOME. @throws KnowledgeError `unavailable`
 */
export async function markOfCopy(home: string, root: string): Promise<string> {
  return sha256(`${await machineKey(home)}\0${root}`).slice(0, LENGTH);
}

async function machineKey(home: string): Promise<string> {
  const path = join(home, "machine-key");
  const kept = await readKey(path);
  if (kept !== undefined) return kept;
  try {
    await mkdir(home, { recursive: true });
    // Of two first runs at once one makes the key, and both use it.
    await writeFile(path, `${randomBytes(24).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    const isMadeMeanwhile = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (!isMadeMeanwhile) throw unwritable(path, cause);
  }
  const made = await readKey(path);
  if (made !== undefined) return made;
  throw unwritable(path, undefined);
}

async function readKey(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return /^([0-9a-f]{48})\s*$/.exec(text)?.[1];
}

function unwritable(path: string, cause: unknown): KnowledgeError {
  return new KnowledgeError("unavailable", `The file ${path} cannot be written, or holds no key.`, {
    hint: "It tells this machine's working copies apart. Check its folder's permissions, remove it, or name this working copy with --copy.",
    cause,
  });
}
