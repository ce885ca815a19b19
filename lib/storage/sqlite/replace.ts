import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";
import { syncFile, syncFolder } from "../neutral/backup-files.ts";
import type { Database } from "./driver.ts";
import { openDriver } from "./driver-choice.ts";
import { isBusy, primaryCode } from "./errors.ts";

export interface Replacement {
  /** A whole store in one file, in the folder of `file`; nobody has it open. */
  readonly prepared: string;
  readonly file: string;
  /** Where the store that stands at `file` goes. None: nothing may stand there. */
  readonly kept?: string | undefined;
}

/** A store beside its main file: what is not in there yet, and what was begun. */
const SIDES = ["-wal", "-shm", "-journal"];

/**
 * Puts a store in the place of another, which is kept under another name, or where there is none.
 * @throws KnowledgeError `conflict` when a store stands there and none is to be kept, `unavailable` while another
 * process has it open.
 */
export function replaceStore({ prepared, file, kept }: Replacement): void {
  if (kept === undefined && isStoreAt(file)) throw standing(file);
  syncFile(prepared);
  const lock = lockAlone(file);
  try {
    // The sides of an older store would be read as part of the new one.
    for (const side of ["", ...SIDES])
      putAside(`${file}${side}`, kept === undefined ? undefined : `${kept}${side}`);
    renameSync(prepared, file);
    syncFolder(dirname(file));
  } finally {
    lock?.close();
  }
  // Held alone, a store has an empty journal beside it, which would lie there for ever.
  if (lock !== undefined && kept !== undefined) rmSync(`${kept}-journal`, { force: true });
}

/** Whether something stands there that may hold data. */
export function isStoreAt(file: string): boolean {
  return ["", ...SIDES].some((side) => existsSync(`${file}${side}`) && statSync(`${file}${side}`).size > 0);
}

/**
 * The store that stands there, held so that nobody else can open it until this is closed. Every connection holds a
 * lock for as long as it is open, also an idle one, and leaving the journal mode WAL takes all of them: it also moves
 * what is in the side files into the store. `undefined` for what is no readable store, which nobody can have open.
 */
function lockAlone(file: string): Database | undefined {
  if (!existsSync(file)) return undefined;
  let db: Database | undefined;
  try {
    db = openDriver(file, { readonly: false, busyTimeoutMs: 1_000 });
    db.pragma("locking_mode = EXCLUSIVE");
    db.pragma("journal_mode = DELETE");
    db.exec("BEGIN EXCLUSIVE; COMMIT");
    return db;
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw inUse(file, error);
    const code = primaryCode(error);
    if (code === "NOTADB" || code === "CORRUPT") return undefined;
    throw error;
  }
}

function putAside(from: string, to: string | undefined): void {
  if (!existsSync(from)) return;
  if (to === undefined) rmSync(from);
  else renameSync(from, to);
}

function standing(file: string): KnowledgeError {
  return new KnowledgeError("conflict", `There is a store at ${file} already.`, {
    hint: "Restore into another file with --into, or give --force: the store that stands there is kept beside it.",
  });
}

function inUse(file: string, cause: unknown): KnowledgeError {
  return new KnowledgeError("unavailable", `The store ${file} is in use by another process.`, {
    hint: "End the programs that use it (editors with an assistant, `aiknowsys serve`), then try again.",
    cause,
  });
}
