import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProjectId } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { Deps, Scope } from "./deps.ts";
import { findNewFiles, type NewFiles } from "./new-files.ts";

/** Files are looked at no more often than this (RULES 14). */
const EVERY_MS = 30_000;
/** What a read may spend on catching up; what is not done by then is `index_behind`. */
const BUDGET_MS = 100;

interface LastLook {
  readonly atMs: number;
  readonly isBehind: boolean;
}

/** When each project's files were last looked at, for each open store. */
const LOOKS = new WeakMap<StorageAdapter, Map<ProjectId, LastLook>>();

/**
 * Before a read: files of the current project that changed or came on disk since they were indexed are indexed
 * by words now, as far as 100 ms go. True when some are still behind. A store that cannot be written is read as
 * it is.
 */
export async function freshen(deps: Deps, scope: Scope): Promise<boolean> {
  const { project } = scope;
  if (project === undefined) return false;
  const looks = LOOKS.get(deps.storage) ?? new Map<ProjectId, LastLook>();
  LOOKS.set(deps.storage, looks);
  const last = looks.get(project.id);
  const now = deps.clock();
  if (last !== undefined && now - last.atMs < EVERY_MS) return last.isBehind;
  const isBehind = await catchUp(deps, project, now + BUDGET_MS);
  looks.set(project.id, { atMs: now, isBehind });
  return isBehind;
}

/** What index runs have not seen yet: known files that look different (other size or time, or gone), and new ones. */
export interface Behind {
  readonly known: readonly SourceFile[];
  readonly fresh: NewFiles;
}

/** What an index run would find changed in a project's known roots; new files are looked for within a budget. */
export async function filesBehind(
  deps: Pick<Deps, "storage" | "clock">,
  project: Project,
  budgetMs?: number,
): Promise<Behind> {
  const files = await deps.storage.sources.files(project.id);
  const fresh = await findNewFiles(deps, project, files, budgetMs);
  const reachable = await existingRoots(files);
  const states = await Promise.all(
    files.map(async (file) => reachable.has(file.root) && !(await isAsIndexed(file))),
  );
  return { known: files.filter((_, index) => states[index] === true), fresh };
}

async function catchUp(deps: Deps, project: Project, untilMs: number): Promise<boolean> {
  const { known, fresh } = await filesBehind(deps, project, BUDGET_MS);
  const isSame = known.length === 0 && fresh.files.length === 0;
  if (isSame && fresh.folders.size === 0) return !fresh.isWhole;
  try {
    if (!isSame && (await reindex(deps, project, { known, fresh }, untilMs))) return true;
    if (!fresh.isWhole) return true;
    const { foldersToKeep } = await import("./watched-folders.ts");
    for (const [root, folders] of fresh.folders)
      await deps.storage.sources.recordFolders(project.id, root, foldersToKeep(folders));
    return false;
  } catch (error) {
    deps.log.debug("Changed files could not be indexed before the read.", { cause: String(error) });
    return !isSame;
  }
}

/** True when some are left. */
async function reindex(deps: Deps, project: Project, behind: Behind, untilMs: number): Promise<boolean> {
  // Loaded only now: a read of an unchanged folder needs no markdown reader.
  const { reindexFiles } = await import("./reindex-files.ts");
  const { known, fresh } = behind;
  return (await reindexFiles(deps, project, { known, fresh: fresh.files }, untilMs)) > 0;
}

async function isAsIndexed({ root, path, size, modifiedMs }: SourceFile): Promise<boolean> {
  const state = await stat(join(root, path)).catch(() => undefined);
  return state !== undefined && state.size === size && Math.trunc(state.mtimeMs) === Math.trunc(modifiedMs);
}

/** Roots that are there: an unplugged disk or another machine's folder says nothing about its files. */
async function existingRoots(files: readonly SourceFile[]): Promise<ReadonlySet<string>> {
  const roots = [...new Set(files.map(({ root }) => root))];
  const present = await Promise.all(
    roots.map(async (root) => (await stat(root).catch(() => undefined))?.isDirectory() ?? false),
  );
  return new Set(roots.filter((_, index) => present[index]));
}
