import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";

/**
 * Makes sure that a store can be at this path: creates its folder (0700) and an empty file (0600) when
 * nothing is there yet, so that nobody else reads what people write down.
 * @throws KnowledgeError `unavailable` for a folder in the file's place or a folder that cannot be made.
 */
export function preparePlace(file: string, options: { readonly create: boolean }): void {
  const there = kindOfPlace(file);
  if (there === "file") return;
  if (there === "folder") {
    throw new KnowledgeError("unavailable", `${file} is a folder; a store is a single file.`, {
      hint: "Name a file with --db or SQLITE_PATH, for example knowledge.db in that folder.",
    });
  }
  if (!options.create) {
    throw new KnowledgeError("unavailable", `There is no store at ${file}.`, {
      hint: "Create it with `aiknowsys init`, or name another file with --db or SQLITE_PATH.",
    });
  }
  createPlace(file);
}

/** A copy of a store in a temporary folder, for a folder where SQLite cannot make its side files. */
export function copyAside(file: string): { readonly file: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "aiknowsys-read-"));
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return { file: copy, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Magic numbers of statfs(2) for file systems over a network, where SQLite's locks cannot be relied on. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x5346414f, "AFS"],
  [0x01021997, "9P"],
]);

/** The name of the network file system that holds the path, or `undefined` for a local one. */
export function networkFileSystem(file: string): string | undefined {
  try {
    return NETWORK_FILE_SYSTEMS.get(statfsSync(dirname(file)).type >>> 0);
  } catch {
    return undefined;
  }
}

function kindOfPlace(file: string): "file" | "folder" | "nothing" {
  try {
    return statSync(file).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "nothing";
    throw unreachable(file, error);
  }
}

function createPlace(file: string): void {
  try {
    makeFolders(dirname(file));
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw unreachable(file, error);
  }
}

/** Makes each missing folder by itself: told to make all of them, Node tries for ever where none can be made (/proc). */
function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isErrno(error, "EEXIST") || !statSync(path).isDirectory()) throw error;
    }
  }
}

function unreachable(file: string, cause: unknown): KnowledgeError {
  const why = isErrno(cause, "EROFS") ? "the disk is read-only" : reasonOf(cause);
  return new KnowledgeError("unavailable", `The store ${file} cannot be created or read: ${why}.`, {
    hint: "Name a file in a folder that you may read and write with --db, SQLITE_PATH or AIKNOWSYS_HOME.",
    cause,
  });
}

function reasonOf(cause: unknown): string {
  if (isErrno(cause, "EACCES") || isErrno(cause, "EPERM")) return "permission is denied";
  if (isErrno(cause, "ENOTDIR") || isErrno(cause, "EEXIST"))
    return "part of the path is a file, not a folder";
  if (isErrno(cause, "ENOSPC")) return "the disk is full";
  if (isErrno(cause, "ENOENT")) return "no folder can be made there";
  return cause instanceof Error ? cause.message : String(cause);
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
