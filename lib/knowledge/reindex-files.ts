import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../domain/project.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { buryMissing } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { readChangedFile } from "./read-changed-file.ts";
import { storeFiles } from "./store-files.ts";

/**
 * Indexes known files again, by words, until a moment has come; files that are gone leave tombstones.
 * Returns how many were left for later.
 */
export async function reindexFiles(
  deps: Deps,
  project: Project,
  files: readonly SourceFile[],
  untilMs: number,
): Promise<number> {
  const missing: SourceFile[] = [];
  let done = 0;
  for (const known of files) {
    if (done > 0 && deps.clock() > untilMs) break;
    const state = await stat(join(known.root, known.path)).catch(() => undefined);
    if (state === undefined) missing.push(known);
    else await reindex(deps, project, known, { size: state.size, mtimeMs: state.mtimeMs });
    done++;
  }
  if (missing.length > 0) await buryGone(deps, project, missing);
  return files.length - done;
}

async function reindex(
  deps: Deps,
  project: Project,
  known: SourceFile,
  state: { readonly size: number; readonly mtimeMs: number },
): Promise<void> {
  const file = { path: known.path, absolute: join(known.root, known.path), given: known.kind, ...state };
  const read = await readChangedFile({ file, project: project.id, path: known.path, known, redact: true });
  await storeFiles(deps, project, known.root, [read]);
  const isUnchanged = "outcome" in read && read.outcome.state === "unchanged";
  // Same bytes, other time: remembered, so that the next look is quick again.
  if (isUnchanged) {
    const { size, mtimeMs } = state;
    await deps.storage.sources.record(project.id, [{ ...known, size, modifiedMs: mtimeMs }]);
  }
}

async function buryGone(deps: Deps, project: Project, missing: readonly SourceFile[]): Promise<void> {
  const all = await deps.storage.sources.files(project.id);
  for (const root of new Set(missing.map((file) => file.root))) {
    const gone = new Set(missing.filter((file) => file.root === root).map(({ path }) => path));
    const known = all.filter((file) => file.root !== root || gone.has(file.path));
    await buryMissing(deps, project, { root, under: "", known });
  }
}
