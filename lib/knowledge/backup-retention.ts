import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { checksumPath, parseBackupName, parseChecksum } from "../domain/backup.ts";
import type { ReportItem } from "../domain/report.ts";

/**
 * Deletes all but the newest backups of a store from their folder. Only what `backup` wrote of that store: its name
 * says so, and the checksum beside it names it.
 * @param newest path of the backup that was just written
 * @param keep how many stay, the newest among them
 */
export function deleteOlder(
  newest: string,
  keep: number,
): { readonly deleted: readonly string[]; readonly warnings: readonly ReportItem[] } {
  const folder = dirname(newest);
  const deleted: string[] = [];
  const warnings: ReportItem[] = [];
  for (const name of olderThan(newest).slice(Math.max(0, keep - 1))) {
    const path = join(folder, name);
    try {
      // The checksum last: without its backup it does no harm, and a backup without it cannot be restored.
      rmSync(path);
      rmSync(checksumPath(path));
      deleted.push(path);
    } catch (error) {
      warnings.push({
        item: path,
        reason: `cannot be deleted (${error instanceof Error ? error.message : ""})`,
      });
    }
  }
  return { deleted, warnings };
}

/** Names of the other backups of the same store in the same folder, newest first. */
function olderThan(path: string): readonly string[] {
  const ours = parseBackupName(basename(path));
  if (ours === undefined) return [];
  return readdirSync(dirname(path))
    .filter((name) => {
      const named = parseBackupName(name);
      const isSameStore = named?.engine === ours.engine && named.store === ours.store;
      return isSameStore && name !== basename(path) && isOurs(join(dirname(path), name));
    })
    .sort((a, b) => (a < b ? 1 : -1));
}

function isOurs(path: string): boolean {
  const beside = checksumPath(path);
  return existsSync(beside) && parseChecksum(readFileSync(beside, "utf8"), basename(path)) !== undefined;
}
