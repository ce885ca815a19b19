/**
 * Stands before the mark of a working copy on another machine, where a folder's path stands for one of this machine. Such a
 * root is never looked for on disk: it holds what it was last told to hold.
 */
const DISTANT = "copy:";

export function rootOfCopy(copy: string): string {
  return `${DISTANT}${copy}`;
}

export function isDistantRoot(root: string): boolean {
  return root.startsWith(DISTANT);
}
