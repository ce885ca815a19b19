import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Bucket, BucketObject, Watching } from "../bucket/bucket.ts";
import { checksumPath, parseBackupName, parseChecksum, renderChecksum } from "../domain/backup.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { BackupReport, WriteBackup } from "./backup.ts";
import type { Deps } from "./deps.ts";

export interface BucketBackupRequest {
  readonly bucket: Bucket;
  /** A folder on this machine that holds the backup until it stands in the bucket; the caller deletes it. */
  readonly scratch: string;
  /** How many backups of this store stay there, the new one among them. None: all. */
  readonly keep?: number | undefined;
  /** `send` and `check`: bytes on their way there, and read back. */
  readonly onProgress?: ((step: "send" | "check", done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs a store up into a bucket: written and checked here, sent, read back and compared. Its checksum goes there last,
 * so that a backup with one beside it is whole. Older ones of the same store go only after that.
 * @throws KnowledgeError `invalid_input`, `forbidden`, `unavailable`; `corrupt` when something else came back, which is
 * deleted again
 */
export async function backupToBucket(
  { clock }: Pick<Deps, "clock">,
  write: WriteBackup,
  { bucket, scratch, keep, onProgress, signal }: BucketBackupRequest,
): Promise<BackupReport> {
  const startedAt = clock();
  // Asked before anything is written, so that a wrong address or key is told at once.
  await bucket.list();
  const { faults, ...written } = await write({ folder: scratch, at: timestampOf(startedAt) });
  const { path, sha256 } = written;
  const name = path.slice(scratch.length + 1);
  const watching = (step: "send" | "check"): Watching => ({
    ...{ signal, onProgress: (done: number, total: number) => onProgress?.(step, done, total) },
  });
  await bucket.upload(path, name, watching("send"));
  if ((await hashOf(bucket.read(name, watching("check")))) !== sha256) {
    await bucket.remove(name);
    throw unlike(bucket.addressOf(name));
  }
  await bucket.putText(checksumPath(name), renderChecksum(sha256, name));
  if ((await bucket.getText(checksumPath(name))) !== renderChecksum(sha256, name))
    throw unlike(bucket.addressOf(checksumPath(name)));
  const gone = keep === undefined ? { deleted: [], warnings: [] } : await deleteOlder(bucket, name, keep);
  return {
    ok: true,
    ...written,
    path: bucket.addressOf(name),
    ...gone,
    warnings: [...faults, ...gone.warnings],
    tookMs: clock() - startedAt,
  };
}

async function hashOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function unlike(address: string): KnowledgeError {
  return new KnowledgeError("corrupt", `Something else than was sent can be read from ${address}.`, {
    hint: "Try again, and check the service that holds the bucket.",
  });
}

/** As in a folder: only what `backup` wrote of that store; its name says so, and the checksum beside it names it. */
async function deleteOlder(
  bucket: Bucket,
  newest: string,
  keep: number,
): Promise<{ readonly deleted: readonly string[]; readonly warnings: readonly ReportItem[] }> {
  const deleted: string[] = [];
  const warnings: ReportItem[] = [];
  const ours = parseBackupName(newest);
  const others = backupsAmong(await bucket.list())
    .map(({ name }) => name)
    .filter((name) => {
      const named = parseBackupName(name);
      return name !== newest && named?.engine === ours?.engine && named?.store === ours?.store;
    })
    .sort((a, b) => (a < b ? 1 : -1));
  for (const name of others.slice(Math.max(0, keep - 1))) {
    const item = bucket.addressOf(name);
    try {
      const text = await bucket.getText(checksumPath(name));
      if (text === undefined || parseChecksum(text, name) === undefined) continue;
      // The checksum last: without its backup it does no harm, and a backup without it cannot be restored.
      await bucket.remove(name);
      await bucket.remove(checksumPath(name));
      deleted.push(item);
    } catch (error) {
      warnings.push({ item, reason: `cannot be deleted (${error instanceof Error ? error.message : ""})` });
    }
  }
  return { deleted, warnings };
}

/** Objects that are named as backups are and have a checksum beside them. */
export function backupsAmong(objects: readonly BucketObject[]): readonly BucketObject[] {
  const names = new Set(objects.map(({ name }) => name));
  return objects.filter(({ name }) => parseBackupName(name) !== undefined && names.has(checksumPath(name)));
}

/**
 * Brings a backup from a bucket into a folder of this machine, with its checksum beside it, compared with that.
 * @returns its path there
 * @throws KnowledgeError `not_found`, `corrupt` when a byte of it or of its checksum is another
 */
export async function fetchBackup(
  bucket: Bucket,
  {
    name,
    folder,
    onProgress,
  }: { readonly name: string; readonly folder: string } & Pick<Watching, "onProgress">,
): Promise<string> {
  const address = bucket.addressOf(name);
  const text = await bucket.getText(checksumPath(name));
  if (text === undefined) throw await withoutChecksum(bucket, name);
  const wanted = parseChecksum(text, name);
  if (wanted === undefined)
    throw damaged(
      `The checksum ${bucket.addressOf(checksumPath(name))} is damaged, or that of another backup.`,
    );
  const path = join(folder, name);
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform: (piece: Uint8Array, _, done) => {
      hash.update(piece);
      done(undefined, piece);
    },
  });
  await pipeline(
    bucket.read(name, { onProgress }),
    hashing,
    createWriteStream(path, { mode: 0o600, flags: "wx" }),
  );
  if (hash.digest("hex") !== wanted)
    throw damaged(`The backup ${address} is damaged: it is not what its checksum says.`);
  await pipeline([text], createWriteStream(checksumPath(path), { mode: 0o600, flags: "wx" }));
  return path;
}

async function withoutChecksum(bucket: Bucket, name: string): Promise<KnowledgeError> {
  const isThere = (await bucket.list()).some((object) => object.name === name);
  if (!isThere) {
    return new KnowledgeError("not_found", `There is no backup ${bucket.addressOf(name)}.`, {
      hint: `See what is there with: aiknowsys backup --list --output ${bucket.addressOf()}`,
    });
  }
  return new KnowledgeError("corrupt", `The backup ${bucket.addressOf(name)} has no checksum beside it.`, {
    hint: "It was broken off while it was written: take another one.",
  });
}

function damaged(message: string): KnowledgeError {
  return new KnowledgeError("corrupt", message, {
    hint: "Take another backup, or another copy of this one.",
  });
}
