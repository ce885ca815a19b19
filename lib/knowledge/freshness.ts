import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../domain/project.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";

/** Files of a project that look different on disk than when they were indexed: other size or time, or gone. */
export async function filesBehind(
  deps: Pick<Deps, "storage">,
  project: Project,
): Promise<readonly SourceFile[]> {
  const files = await deps.storage.sources.files(project.id);
  const reachable = await existingRoots(files);
  const states = await Promise.all(
    files.map(async (file) => reachable.has(file.root) && !(await isAsIndexed(file))),
  );
  return files.filter((_, index) => states[index] === true);
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
