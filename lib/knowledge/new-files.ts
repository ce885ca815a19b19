import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DocumentKind } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import { IGNORED_FOLDERS, MARKDOWN } from "../markdown/walk.ts";
import type { FolderState, SourceFile, SourceFolder } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";

/** A file that no index run has seen. */
export interface NewFile {
  readonly root: string;
  readonly path: string;
  /** The kind whose glob matched, with the globs of the newest run over its folder. */
  readonly given?: DocumentKind | undefined;
}

export interface NewFiles {
  readonly files: readonly NewFile[];
  /** Folders that look different than before: to be recorded once the files are indexed. */
  readonly folders: ReadonlyMap<string, readonly FolderState[]>;
  /** False when time was up before all folders were looked into. */
  readonly isWhole: boolean;
}

/**
 * Looks for new files in the folders that index runs have seen, for `budgetMs` at most. By synchronous calls: they
 * take a tenth of the time of asynchronous ones.
 */
export async function findNewFiles(
  deps: Pick<Deps, "storage" | "clock">,
  project: Project,
  known: readonly SourceFile[],
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<NewFiles> {
  const watched = await deps.storage.sources.folders(project.id);
  const untilMs = deps.clock() + budgetMs;
  const files: NewFile[] = [];
  const folders = new Map<string, readonly FolderState[]>();
  let isWhole = true;
  for (const root of new Set(watched.map((folder) => folder.root))) {
    const look = lookAt(root, watched, known, () => deps.clock() > untilMs);
    isWhole &&= look.isWhole;
    if (look.folders.length > 0) folders.set(root, look.folders);
    files.push(...look.paths.map((path) => ({ root, path })));
  }
  return { files: await recognised(deps, project, files), folders, isWhole };
}

interface Look {
  readonly paths: string[];
  readonly folders: FolderState[];
  readonly isWhole: boolean;
}

function lookAt(
  root: string,
  watched: readonly SourceFolder[],
  known: readonly SourceFile[],
  isTimeUp: () => boolean,
): Look {
  const look: Look = { paths: [], folders: [], isWhole: true };
  const here = watched.filter((folder) => folder.root === root);
  const times = new Map(here.map(({ path, modifiedMs }) => [path, modifiedMs]));
  const files = new Set(known.flatMap((file) => (file.root === root ? [file.path] : [])));
  const queue = [...times.keys()];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (isTimeUp()) return { ...look, isWhole: false };
    const modifiedMs = timeOf(join(root, folder));
    if (modifiedMs === undefined || modifiedMs === times.get(folder)) continue;
    const entries = entriesOf(root, folder);
    look.paths.push(...entries.files.filter((path) => !files.has(path)));
    queue.push(...entries.folders.filter((path) => !times.has(path)));
    look.folders.push({ path: folder, modifiedMs });
  }
  return look;
}

function timeOf(folder: string): number | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    // A folder that may not be looked into has nothing new to read; `index` names it.
    return undefined;
  }
}

interface Entries {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Paths below the root of a folder's files and of the folders that are read; links are settled by `index` alone. */
function entriesOf(root: string, folder: string): Entries {
  try {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    const path = ({ name }: Dirent): string => (folder === "" ? name : `${folder}/${name}`);
    return {
      files: entries.filter((entry) => entry.isFile()).map(path),
      folders: entries.filter((entry) => entry.isDirectory() && !IGNORED_FOLDERS.has(entry.name)).map(path),
    };
  } catch {
    return { files: [], folders: [] };
  }
}

/** Markdown files, and what the globs of the newest run over their folder name. */
async function recognised(
  deps: Pick<Deps, "storage">,
  project: Project,
  files: readonly NewFile[],
): Promise<readonly NewFile[]> {
  if (files.length === 0) return files;
  const runs = await deps.storage.sources.runs(project.id);
  if (runs.every(({ globs }) => globs === "{}")) return files.filter(({ path }) => MARKDOWN.test(path));
  // Loaded only now: most projects are read without globs.
  const { givenKinds } = await import("./given-kinds.ts");
  const kinds = await givenKinds(runs, files);
  return files.flatMap((file) => {
    const given = kinds.get(file);
    return given !== undefined || MARKDOWN.test(file.path) ? [{ ...file, given }] : [];
  });
}
