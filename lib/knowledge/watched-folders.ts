import type { FolderState } from "../storage/contract/rows.ts";

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
  if (folders.length <= most) return folders;
  const holding = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  const rank = ({ path }: FolderState): number => (holding.has(path) ? 0 : path.split("/").length);
  return folders.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}
