import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { tombstoneOf } from "./delete-row.ts";
import type { Deps } from "./deps.ts";
import { rowsByIds } from "./read-back.ts";
import { storeRows } from "./store-row.ts";

export interface BuryRequest {
  readonly root: string;
  /** Only files below this path (with a trailing `/`; empty for all). */
  readonly under: string;
  readonly known: readonly SourceFile[];
}

/**
 * Leaves a tombstone for every document whose file is gone from this root, unless another known root still
 * holds it: two worktrees must not bury each other's plans (RULES 10). Returns how many were buried.
 */
export async function buryMissing(
  deps: Deps,
  project: Project,
  { root, under, known }: BuryRequest,
): Promise<number> {
  const here = known.filter((file) => file.root === root && file.path.startsWith(under));
  const present = await Promise.all(here.map(({ path }) => isThere(join(root, path))));
  const gone = here.filter((_, index) => present[index] === false);
  if (gone.length === 0) return 0;
  const roots = [...new Set(known.map((file) => file.root))].filter((other) => other !== root);
  let buried = 0;
  for (const file of gone) {
    const elsewhere = await Promise.all(roots.map((other) => isThere(join(other, file.path))));
    if (!elsewhere.includes(true)) buried += await bury(deps, project, file);
  }
  await deps.storage.sources.forget(
    project.id,
    root,
    gone.map(({ path }) => path),
  );
  return buried;
}

async function bury(deps: Deps, project: Project, { kind, id }: SourceFile): Promise<number> {
  const live = (await rowsByIds(deps, project.id, kind, [id])).filter(
    ({ row }) => row.deletedAt === undefined,
  );
  const writes = live.map((found) => ({
    draft: tombstoneOf(found, timestampOf(deps.clock())),
    operation: "delete" as const,
    expectedRevision: found.row.revision,
  }));
  await storeRows(deps, project.id, writes);
  return writes.length;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
