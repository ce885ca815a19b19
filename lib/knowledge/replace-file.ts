import { chmod, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { KnowledgeError } from "../domain/error.ts";
import { sha256 } from "../domain/ids.ts";

/** A lock this old was left behind by a process that ended early: a store is waited for 30 s at most. */
const STALE_MS = 60_000;

export interface Replacement {
  /** As people know it, for messages. */
  readonly name: string;
  /** The bytes that the new text was made from: any others in the file are a conflict. */
  readonly from: Uint8Array;
  readonly text: string;
}

/**
 * Puts a new text into a file and does what belongs to it, as one step for all processes of this program: one
 * of them holds the file's lock at a time, and `then` decides whether the text stays. The file keeps its mode;
 * a link stays a link. When `then` fails, the old bytes are put back, unless somebody changed the file again.
 * @throws KnowledgeError `conflict` when the file holds other bytes or is being changed, `unavailable` when it
 *   cannot be written; and whatever `then` throws.
 */
export async function replaceFile<Result>(
  path: string,
  { name, from, text }: Replacement,
  nowMs: number,
  then: () => Promise<Result>,
): Promise<Result> {
  const target = await realpath(path).catch(() => path);
  const lock = `${target}.aiknowsys.lock`;
  await acquire(lock, name, nowMs);
  try {
    await putBytes(target, name, from, Buffer.from(text));
    try {
      return await then();
    } catch (error) {
      await putBytes(target, name, Buffer.from(text), from).catch(() => undefined);
      throw error;
    }
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string, name: string, nowMs: number): Promise<void> {
  const age = nowMs - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? nowMs);
  if (age > STALE_MS) await rm(lock, { force: true });
  try {
    await writeFile(lock, "", { flag: "wx" });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST"))
      throw unwritable(name, cause);
    throw new KnowledgeError("conflict", `The file ${name} is being changed by somebody else.`, {
      hint: "Read the document again with show, then repeat the change.",
      cause,
    });
  }
}

/** Writes beside the file and renames, so that no reader meets half a text. */
async function putBytes(target: string, name: string, from: Uint8Array, to: Uint8Array): Promise<void> {
  const temporary = `${target}.aiknowsys-${process.pid}.tmp`;
  try {
    const { mode } = await stat(target);
    await rm(temporary, { force: true });
    await writeFile(temporary, to, { flag: "wx" });
    // The umask may have taken bits from a mode given to writeFile.
    await chmod(temporary, mode & 0o7777);
    // Last of all: an editor that knows no lock has the shortest time to come between.
    if (sha256(await readFile(target)) !== sha256(from)) throw changedFile(name);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof KnowledgeError ? cause : unwritable(name, cause);
  }
}

/** Somebody changed the file since it was indexed. */
export function changedFile(name: string, current: Readonly<Record<string, unknown>> = {}): KnowledgeError {
  return new KnowledgeError("conflict", `The file ${name} was changed since it was indexed.`, {
    current,
    hint: "Run `aiknowsys index`, read the document again with show, then repeat the change.",
  });
}

function unwritable(name: string, cause: unknown): KnowledgeError {
  return new KnowledgeError("unavailable", `The file ${name} cannot be written.`, {
    hint: "Check that the folder is writable and the disk not full; nothing was changed.",
    cause,
  });
}
