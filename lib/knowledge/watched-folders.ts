import type { FolderState } from "../storage/contract/rows.ts";
import { redactText } from "./redact.ts";

/** Each read looks at every watched folder: this many take about 20 ms. */
const MOST = 5_000;

/**
 * The folders that later reads watch for new files, out of all that an index run has seen: those that hold
 * indexed files and those above them first, then the ones nearest to the top.
 */
export function watchedFolders(
  folders: readonly FolderState[],
  files: readonly { readonly path: string }[],
  most = MOST,
): readonly FolderState[] {
  const kept = foldersToKeep(folders);
  if (kept.length <= most) return kept;
  const holding = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  const rank = ({ path }: FolderState): number => (holding.has(path) ? 0 : path.split("/").length);
  return kept.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
}

/** Folders without those whose path holds a secret: the store keeps paths as they are. */
export function foldersToKeep(folders: readonly FolderState[]): readonly FolderState[] {
  return folders.filter(({ path }) => redactText(path).found.length === 0);
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}
