import { readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A folder may be shared with other machines, whose processes are not seen here. */
const MACHINE = hostname().replace(/\W+/g, "_");

/** Stands, between dots or hyphens, in the name of what is this process's own until its work is done. */
export const RUN_MARK = `${MACHINE}-${process.pid}`;

const MARK = new RegExp(`[.-]${MACHINE}-(\\d+)[.-]`);

/**
 * Removes from a folder what killed processes of this machine left there: of the names that are meant, those with the
 * mark of a process that is gone. What cannot be removed stays.
 */
export function sweepLeftovers(folder: string, isMeant: (name: string) => boolean): void {
  for (const name of namesIn(folder).filter(isMeant)) {
    const pid = MARK.exec(name)?.[1];
    if (pid === undefined || !isGone(Number(pid))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // Another user's, or on a disk that is only read: it does no harm to this run.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
