import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { ConflictPolicy } from "../storage/contract/transfer.ts";
import { RUN_MARK, sweepLeftovers } from "../storage/neutral/leftovers.ts";
import { readBackup } from "./backup-checksum.ts";
import type { Deps } from "./deps.ts";
import { exportSource } from "./export-source.ts";
import { importStore } from "./import-store.ts";
import { migrateBetween } from "./migrate-store.ts";
import { readStore } from "./read-store.ts";
import type { TransferReport } from "./transfer-report.ts";
import { verifyStores } from "./verify-stores.ts";

/** Where a backup is restored to. */
export type RestoreTarget =
  | {
      readonly is: "file";
      readonly file: string;
      readonly isTaken: boolean;
      /** Puts a prepared file there; what stands there goes to `kept`. */
      readonly replace: (prepared: string, kept: string | undefined) => Promise<void>;
    }
  | { readonly is: "store"; readonly storage: StorageAdapter; readonly location: string };

export interface RestoreRequest {
  /** Path of what `backup` wrote; the checksum lies beside it. */
  readonly backup: string;
  readonly target: RestoreTarget;
  /** Opens the SQLite store in a file, makes it where there is none, and brings its schema forward. */
  readonly openFile: (file: string) => Promise<StorageAdapter>;
  /** A file's store is replaced and kept beside; a database's records are replaced by those of the backup. */
  readonly force?: boolean | undefined;
  /** `read`: bytes of the backup; `write` and `compare`: bytes or records. */
  readonly onProgress?: ((step: RestoreStep, done: number, total: number) => void) | undefined;
}

/** The backup is read and compared with its checksum, what it holds is written, and compared with what stands then. */
export type RestoreStep = "read" | "write" | "compare";

/** INTERFACE: the report of `restore`. */
export interface RestoreReport extends TransferReport {
  readonly backup: string;
  readonly into: string;
  /** Where the store that stood there is now. */
  readonly kept?: string;
  readonly tookMs: number;
}

type RestoreDeps = Pick<Deps, "clock" | "actor">;

/**
 * Brings a backup back, of whichever engine into whichever engine. Nothing is changed before the backup has turned out
 * to be whole, and a store that stands is never overwritten.
 * @throws KnowledgeError `not_found`, `corrupt` for a damaged backup, `conflict` when a store stands there and `force`
 * is not given or the backup itself stands there, `unavailable` while another process uses it.
 */
export async function restore(deps: RestoreDeps, request: RestoreRequest): Promise<RestoreReport> {
  const { target } = request;
  if (target.is === "file") refuseItself(request.backup, target.file);
  return target.is === "file" ? restoreFile(deps, request, target) : restoreInto(deps, request, target);
}

/** Refuses a target that a backup would overwrite. @throws KnowledgeError `conflict` */
export async function refuseStanding(target: RestoreTarget, force = false): Promise<void> {
  if (force) return;
  if (target.is === "file") {
    if (target.isTaken) throw standing(`There is a store at ${target.file} already.`);
    return;
  }
  const held = await countHeld(target.storage);
  if (held > 0) throw standing(`The store in ${target.location} holds ${held} records already.`);
}

/** The backup, and its checksum, may be needed again. */
function refuseItself(backup: string, file: string): void {
  const standing = statSync(file, { throwIfNoEntry: false });
  if (standing === undefined) return;
  for (const own of [backup, `${backup}.sha256`]) {
    const state = statSync(own, { throwIfNoEntry: false });
    if (state?.ino !== standing.ino || state.dev !== standing.dev) continue;
    throw new KnowledgeError("conflict", `${own} cannot be restored into itself.`, {
      hint: "Name another file with --into; a backup stays as it is.",
    });
  }
}

type FileTarget = Extract<RestoreTarget, { readonly is: "file" }>;
type StoreTarget = Extract<RestoreTarget, { readonly is: "store" }>;

async function restoreFile(
  deps: RestoreDeps,
  request: RestoreRequest,
  { file, isTaken, replace }: FileTarget,
): Promise<RestoreReport> {
  const startedAt = deps.clock();
  const { backup, force } = request;
  await refuseStanding(request.target, force);
  const folder = dirname(file);
  const prepared = join(folder, `${PREPARED}${RUN_MARK}-${basename(file)}`);
  sweepLeftovers(folder, (name) => name.startsWith(PREPARED));
  removeStore(prepared);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const report = await prepare(deps, request, prepared);
    const kept = isTaken
      ? `${file}.before-restore-${timestampOf(startedAt).replace(/[-:.]/g, "")}`
      : undefined;
    await replace(prepared, kept);
    const tookMs = deps.clock() - startedAt;
    return { ...report, backup, into: file, ...(kept !== undefined && { kept }), tookMs };
  } finally {
    removeStore(prepared);
  }
}

const PREPARED = ".restore-";
const COPIED = "aiknowsys-restore-";

function removeStore(file: string): void {
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${file}${end}`, { force: true });
}

/** Makes a whole store of the backup in a new file, of this program's schema. */
async function prepare(
  deps: RestoreDeps,
  request: RestoreRequest,
  prepared: string,
): Promise<TransferReport> {
  const { backup, openFile } = request;
  if (!isSqliteBackup(backup)) {
    await readBackup(backup, undefined, reading(request));
    return withOpened(openFile(prepared), (storage) => importWhole(deps, request, storage, "refuse"));
  }
  await readBackup(backup, prepared, reading(request));
  return withOpened(openFile(prepared), async (storage) => {
    const found = await countHeld(storage);
    const nothing = { kinds: {}, skipped: [], failed: [], warnings: [] };
    return { ok: true, found, done: found, unchanged: 0, ...nothing };
  });
}

/** Tells of the bytes of the backup that were read. */
function reading({ onProgress }: RestoreRequest): (done: number, total: number) => void {
  return (done, total) => onProgress?.("read", done, total);
}

async function restoreInto(
  deps: RestoreDeps,
  request: RestoreRequest,
  { storage, location }: StoreTarget,
): Promise<RestoreReport> {
  const startedAt = deps.clock();
  const { backup, force = false } = request;
  await refuseStanding(request.target, force);
  const policy: ConflictPolicy = force ? "replace" : "refuse";
  const report = isSqliteBackup(backup)
    ? await copyFrom(deps, request, storage, policy)
    : await readBackup(backup, undefined, reading(request)).then(() =>
        importWhole(deps, request, storage, policy),
      );
  return { ...report, backup, into: location, tookMs: deps.clock() - startedAt };
}

/** From a copy of the backup, whose own schema may be older. */
async function copyFrom(
  deps: RestoreDeps,
  request: RestoreRequest,
  storage: StorageAdapter,
  policy: ConflictPolicy,
): Promise<TransferReport> {
  const { backup, openFile, onProgress } = request;
  sweepLeftovers(tmpdir(), (name) => name.startsWith(COPIED));
  const folder = mkdtempSync(join(tmpdir(), `${COPIED}${RUN_MARK}-`));
  try {
    const copy = join(folder, "knowledge.db");
    await readBackup(backup, copy, reading(request));
    return await withOpened(openFile(copy), async (source) => {
      const {
        tookMs: _,
        speed: __,
        verified,
        ...report
      } = await migrateBetween(deps, {
        source,
        target: storage,
        onConflict: policy,
        onProgress: (step, done, total) => onProgress?.(step === "copy" ? "write" : "compare", done, total),
      });
      // A replaced row may stand with a later revision than the backup's.
      return {
        ...report,
        ok: report.failed.length === 0 && (policy === "replace" || verified?.equal === true),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importWhole(
  deps: RestoreDeps,
  { backup, onProgress }: RestoreRequest,
  storage: StorageAdapter,
  onConflict: ConflictPolicy,
): Promise<TransferReport> {
  const {
    tookMs: _,
    cut,
    ...report
  } = await importStore(
    { ...deps, storage },
    {
      input: backup,
      onConflict,
      proved: true,
      onProgress: (done, total) => onProgress?.("write", done, total),
    },
  );
  if (cut !== undefined) throw unlike(cut.reason);
  if (onConflict === "replace" || !report.ok) return report;
  const { equal } = await verifyStores(exportSource(backup, fail), readStore(storage), {
    mayHoldMore: true,
    onProgress: (done) => onProgress?.("compare", done, report.found),
  });
  if (!equal) throw unlike("the store does not hold what it says");
  return report;
}

function fail({ reason }: { readonly reason: string }): never {
  throw unlike(reason);
}

function unlike(reason: string): KnowledgeError {
  return new KnowledgeError("corrupt", `The backup cannot be restored whole: ${reason}.`, {
    hint: "Take another backup.",
  });
}

async function withOpened<Result>(
  opening: Promise<StorageAdapter>,
  work: (storage: StorageAdapter) => Promise<Result>,
): Promise<Result> {
  const storage = await opening;
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

async function countHeld({ transfer }: StorageAdapter): Promise<number> {
  const snapshot = await transfer.open();
  const counts = await transfer.count(snapshot).finally(() => transfer.close(snapshot));
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function isSqliteBackup(path: string): boolean {
  return path.endsWith(".db");
}

function standing(sentence: string): KnowledgeError {
  return new KnowledgeError("conflict", sentence, {
    hint: "Restore into another place with --into, or give --force: a store in a file is kept beside it, records in a database are replaced.",
  });
}
