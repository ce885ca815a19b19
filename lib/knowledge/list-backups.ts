import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bucket } from "../bucket/bucket.ts";
import { type BackupName, checksumPath, parseBackupName } from "../domain/backup.ts";
import { backupsAmong } from "./backup-in-bucket.ts";

/** A backup that stands somewhere, by what its name says. */
export interface ListedBackup extends BackupName {
  readonly path: string;
  readonly bytes: number;
}

/** INTERFACE: the report of `backup --list`. */
export interface BackupList {
  readonly place: string;
  /** Oldest first. */
  readonly backups: readonly ListedBackup[];
}

/** The backups of all stores in a folder, or in a place of a bucket; only those with a checksum beside them. */
export async function listBackups(place: string | Bucket): Promise<BackupList> {
  const found = typeof place === "string" ? inFolder(place) : backupsAmong(await place.list());
  const pathOf = (name: string) => (typeof place === "string" ? join(place, name) : place.addressOf(name));
  const backups = found.flatMap(({ name, bytes }) => {
    const named = parseBackupName(name);
    return named === undefined ? [] : [{ path: pathOf(name), bytes, ...named }];
  });
  return {
    place: typeof place === "string" ? place : place.addressOf(),
    backups: backups.sort((a, b) => (a.at < b.at ? -1 : 1)),
  };
}

function inFolder(folder: string) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => parseBackupName(name) !== undefined && existsSync(checksumPath(join(folder, name))))
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
}
