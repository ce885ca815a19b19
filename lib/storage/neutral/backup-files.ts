import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { checksumPath, renderChecksum } from "../../domain/backup.ts";
import { KnowledgeError } from "../../domain/error.ts";
import { RUN_MARK, sweepLeftovers } from "./leftovers.ts";

/** A backup that stands under its name, whole. */
export interface StandingBackup {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * The place beside a backup's own where it is written before it stands under its name; makes the folder (0700).
 * @throws KnowledgeError `unavailable`, `conflict` when something has the name already.
 */
export function partialOf(target: string): string {
  const folder = dirname(target);
  telling(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  refuseTaken(target);
  sweepLeftovers(folder, (name) => name.startsWith(PARTIAL));
  return join(folder, `${PARTIAL}${RUN_MARK}-${basename(target)}`);
}

const PARTIAL = ".partial-";

/**
 * Gives what was written and checked its name, with the checksum beside it first: what stands under the name of a
 * backup always has one. Both are on the disk before this returns.
 */
export function finishBackup(partial: string, target: string): StandingBackup {
  return telling(dirname(target), () => {
    syncFile(partial);
    const { bytes, sha256 } = readThrough(partial);
    refuseTaken(target);
    writeNewFile(checksumPath(target), renderChecksum(sha256, basename(target)));
    renameSync(partial, target);
    syncFolder(dirname(target));
    return { path: target, bytes, sha256 };
  });
}

export function removePartial(partial: string): void {
  for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${partial}${end}`, { force: true });
}

/** Waits until a file is on the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where a folder cannot be synced (Windows), its entries are on the disk when the system writes them. */
export function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Nothing more can be done here, and the files themselves are whole.
  }
}

/** Size and SHA-256 of a file. */
function readThrough(path: string): Pick<StandingBackup, "bytes" | "sha256"> {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(1 << 20);
  const file = openSync(path, "r");
  let bytes = 0;
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
  return { bytes, sha256: hash.digest("hex") };
}

function writeNewFile(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refuseTaken(target: string): void {
  if (!existsSync(target) && !existsSync(checksumPath(target))) return;
  throw new KnowledgeError("conflict", `There is a backup ${basename(target)} already.`, {
    hint: "Try again.",
  });
}

function telling<Result>(folder: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined || cause instanceof KnowledgeError) throw cause;
    throw new KnowledgeError("unavailable", `No backup can be written in ${folder} (${code}).`, {
      hint: "Name a folder that may be written and has room.",
      cause,
    });
  }
}
