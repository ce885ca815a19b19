import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../domain/project.ts";
import { DEFAULT_MAX_BYTES } from "../markdown/workspace.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { buryMissing } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { presenceOf } from "./file-presence.ts";
import type { NewFile } from "./new-files.ts";
import { type ReadFile, readChangedFile } from "./read-changed-file.ts";
import { storeFiles } from "./store-files.ts";
import { readStoreState, type StoreState } from "./store-state.ts";

export interface FilesBehind {
  readonly known: readonly SourceFile[];
  readonly fresh: readonly NewFile[];
}

/**
 * Indexes known and new files, by words, until a moment has come; files that are gone leave tombstones.
 * Returns how many were left for later, and those that cannot be looked at.
 */
export async function reindexFiles(
  deps: Deps,
  project: Project,
  { known, fresh }: FilesBehind,
  untilMs: number,
): Promise<number> {
  const state = await readStoreState(deps, project.id);
  const missing: SourceFile[] = [];
  let done = 0;
  let unreadable = 0;
  for (const file of [...known, ...fresh]) {
    if (done > 0 && deps.clock() > untilMs) break;
    done++;
    const presence = await presenceOf(join(file.root, file.path));
    if (presence.state === "unknown") unreadable++;
    else if (presence.state === "there") await reindex(deps, project, file, state);
    else if ("id" in file) missing.push(file);
  }
  await buryGone(deps, project, missing, state);
  return known.length + fresh.length - done + unreadable;
}

/** A file as it was known, or a new one. */
async function reindex(
  deps: Deps,
  project: Project,
  file: SourceFile | NewFile,
  state: StoreState,
): Promise<void> {
  const { root, path } = file;
  const absolute = join(root, path);
  const size = await stat(absolute).catch(() => undefined);
  // A link that leads nowhere is there and has no size; `index` names it, and what is too big to be read here.
  if (size === undefined || size.size > DEFAULT_MAX_BYTES) return;
  const known = "id" in file ? file : undefined;
  const given = "id" in file ? file.kind : file.given;
  const read = await readChangedFile({
    file: { path, absolute, size: size.size, mtimeMs: size.mtimeMs, ...(given !== undefined && { given }) },
    project: project.id,
    path,
    known,
    state,
    redact: known?.redact ?? true,
  });
  await storeFiles(deps, project, root, [read]);
  if (known === undefined || !holdsSameBytes(read, known)) return;
  // Same bytes, other time: remembered, so that the next look is quick again.
  const seen = { ...known, size: size.size, modifiedMs: size.mtimeMs };
  await deps.storage.sources.record(project.id, [seen]);
}

function holdsSameBytes(read: ReadFile, known: SourceFile): boolean {
  return "outcome" in read && read.outcome.fileHash === known.fileHash;
}

async function buryGone(
  deps: Deps,
  project: Project,
  missing: readonly SourceFile[],
  { files }: StoreState,
): Promise<void> {
  for (const root of new Set(missing.map((file) => file.root))) {
    const gone = new Set(missing.filter((file) => file.root === root).map(({ path }) => path));
    const known = files.filter((file) => file.root !== root || gone.has(file.path));
    await buryMissing(deps, project, { root, under: "", known });
  }
}
