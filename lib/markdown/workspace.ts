import { readFile } from "node:fs/promises";
import { KnowledgeError } from "../domain/error.ts";
import type { DocumentKind } from "../domain/ids.ts";
import { decodeText, type TextFile } from "./decode-text.ts";
import { problemOf } from "./file-problems.ts";
import { type KindGlobs, matchGlobs } from "./kind-globs.ts";
import { IGNORED_FOLDERS, openWalk, walkFolders, walkLinks, walkPath } from "./walk.ts";

export interface WorkspaceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly absolute: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** The kind whose glob matched. */
  readonly given?: DocumentKind;
}

export interface PathProblem {
  readonly path: string;
  /** One sentence. */
  readonly reason: string;
}

/** found = files + skipped. Both are in the order of their paths (by UTF-16 units). */
export interface ScanResult {
  readonly files: readonly WorkspaceFile[];
  /** Candidates that will not be read: too big, a broken link, no regular file… */
  readonly skipped: readonly PathProblem[];
  /**
   * Folders that were not looked into, each once, and globs that matched nothing. They count as nothing found. What
   * only tools make, such as `.git` and `node_modules`, is not told of.
   */
  readonly warnings: readonly PathProblem[];
  /** Folders that were looked into, parents first, with their times. */
  readonly folders: readonly { readonly path: string; readonly modifiedMs: number }[];
}

export interface ScanOptions {
  readonly root: string;
  readonly globs?: KindGlobs;
  /** Larger files are skipped; 16 MB by default. */
  readonly maxBytes?: number;
}

/** Larger files are skipped unless told otherwise. */
export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Every markdown file under a folder, and every file that a glob names, in order. Dot folders are read
 * (`.aiknowsys`, `.github`), caches and other people's code are not. Links are followed to files within
 * the root only, and a file that two paths reach is read once: a link must not carry other parts of the
 * disk into the store. Reads names, sizes and times, no contents.
 * @throws KnowledgeError `not_found` where the root is no folder
 */
export async function scanWorkspace(options: ScanOptions): Promise<ScanResult> {
  const { root, globs = {}, maxBytes = DEFAULT_MAX_BYTES } = options;
  const walk = await openWalk(root, maxBytes);
  await walkFolders(walk, "");
  const { kinds, unmatched } = await matchGlobs(root, globs, IGNORED_FOLDERS);
  for (const path of kinds.keys()) await walkPath(walk, path);
  await walkLinks(walk);
  const files = [...walk.files.values()].map((file) => {
    const given = kinds.get(file.path);
    return given === undefined ? file : { ...file, given };
  });
  return {
    files: files.toSorted(byPath),
    skipped: walk.skipped.toSorted(byPath),
    warnings: [...walk.warnings.toSorted(byPath), ...unmatched],
    folders: walk.folders,
  };
}

/**
 * A file as text, its bytes for hashing beside it. A file that is no text comes back with a `problem`.
 * @throws KnowledgeError `unavailable` where the file cannot be read
 */
export async function readTextFile(absolute: string): Promise<TextFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(absolute);
  } catch (cause) {
    throw new KnowledgeError("unavailable", problemOf(cause), {
      hint: "Look at the file's permissions, then index again.",
      cause,
    });
  }
  return decodeText(bytes);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
