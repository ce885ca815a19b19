import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { problemOf } from "./file-problems.ts";

export interface WalkedFile {
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  readonly mtimeMs: number;
}

interface Problem {
  readonly path: string;
  readonly reason: string;
}

/** A walk under way: what it has met so far. */
export interface Walk {
  readonly root: string;
  /** The root with all links resolved. */
  readonly realRoot: string;
  readonly maxBytes: number;
  readonly files: Map<string, WalkedFile>;
  /** Every folder looked into, with its time from before it was read. */
  readonly folders: { readonly path: string; readonly modifiedMs: number }[];
  readonly skipped: Problem[];
  readonly warnings: Problem[];
  readonly links: string[];
  readonly seen: Set<string>;
}

/** Folders that nobody but a tool makes: leaving them out is nothing to tell of at every run. */
const TOOLS_FOLDERS: readonly string[] = [
  ...["node_modules", "bower_components", "Pods", "__pycache__"],
  ...[".venv", ".tox", ".nox", ".pytest_cache", ".mypy_cache", ".ruff_cache"],
  ...[".git", ".hg", ".svn", ".jj", ".cache", ".next", ".nuxt", ".svelte-kit", ".turbo", ".parcel-cache"],
  ...[
    ".yarn",
    ".pnpm-store",
    ".npm",
    ".cargo",
    ".rustup",
    ".gradle",
    ".terraform",
    ".idea",
    ".Trash",
    ".trash",
  ],
];

/** Names that tools and people both use: somebody may look for what is in there, so they are told of. */
const PRODUCTS: ReadonlySet<string> = new Set(["vendor", "dist", "build", "target", "coverage", "venv"]);

/** Other people's code, what tools produce, and caches: not looked into. */
export const IGNORED_FOLDERS: ReadonlySet<string> = new Set([...TOOLS_FOLDERS, ...PRODUCTS]);

/** Bytes of a path below the root: stores keep paths in their keys, and a key holds 2.7 kB at most. */
const LONGEST_PATH = 1_000;

const LEFT_OUT = "The folder is left out: it holds tools' or other people's files.";

/** Names of markdown files. */
export const MARKDOWN = /\.(?:md|markdown|mdown|mkdn?|mdx)$/i;

/** @throws KnowledgeError `not_found` where the root is no folder */
export async function openWalk(root: string, maxBytes: number): Promise<Walk> {
  const realRoot = await realpath(root).catch(() => undefined);
  const isFolder = realRoot !== undefined && (await stat(realRoot)).isDirectory();
  if (!isFolder) {
    throw new KnowledgeError("not_found", `There is no folder "${root}" to index.`, {
      hint: "Name an existing folder.",
    });
  }
  return {
    root,
    realRoot,
    maxBytes,
    files: new Map(),
    folders: [],
    skipped: [],
    warnings: [],
    links: [],
    seen: new Set(),
  };
}

/** Meets every markdown file under a folder; links are put aside for `walkLinks`. */
export async function walkFolders(walk: Walk, folder: string): Promise<void> {
  for (const entry of await entriesOf(walk, folder)) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (isTooLong(path)) reportLongPath(walk, path, entry.isDirectory());
    else if (entry.isSymbolicLink()) walk.links.push(path);
    else if (!entry.isDirectory()) await walkCandidate(walk, path);
    else if (!IGNORED_FOLDERS.has(entry.name)) await walkFolders(walk, path);
    else if (PRODUCTS.has(entry.name)) walk.warnings.push({ path, reason: LEFT_OUT });
  }
}

/** Meets a file that was named, whatever its extension; a path already met is left alone. */
export async function walkPath(walk: Walk, path: string): Promise<void> {
  if (walk.seen.has(path) || isTooLong(path)) return;
  const target = await targetOf(walk, path);
  // A linked folder on the way counts as a link.
  if (target.kind === "file" && target.path === path) await visit(walk, path);
  else await followLink(walk, path, true);
}

/** Settles the links: a file is read where it is not read under its own name, and never from outside the root. */
export async function walkLinks(walk: Walk): Promise<void> {
  for (const path of walk.links) await followLink(walk, path, MARKDOWN.test(path));
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > LONGEST_PATH;
}

function reportLongPath(walk: Walk, path: string, isFolder: boolean): void {
  const reason = `Its path is longer than ${LONGEST_PATH} bytes.`;
  if (isFolder) walk.warnings.push({ path, reason: `The folder is left out. ${reason}` });
  else if (MARKDOWN.test(path)) walk.skipped.push({ path, reason });
}

async function entriesOf(walk: Walk, folder: string): Promise<Dirent[]> {
  try {
    const { mtimeMs } = await stat(join(walk.root, folder));
    const entries = await readdir(join(walk.root, folder), { withFileTypes: true });
    walk.folders.push({ path: folder, modifiedMs: mtimeMs });
    return entries;
  } catch (error) {
    walk.warnings.push({
      path: folder === "" ? "." : folder,
      reason: `The folder cannot be opened. ${problemOf(error)}`,
    });
    return [];
  }
}

async function walkCandidate(walk: Walk, path: string): Promise<void> {
  if (MARKDOWN.test(path)) await visit(walk, path);
}

async function visit(walk: Walk, path: string): Promise<void> {
  walk.seen.add(path);
  const absolute = join(walk.root, path);
  try {
    const stats = await stat(absolute);
    const { size, mtimeMs } = stats;
    if (!stats.isFile()) walk.skipped.push({ path, reason: "It is no regular file." });
    else if (size > walk.maxBytes) {
      walk.skipped.push({ path, reason: `It is too big: ${size} bytes, the limit is ${walk.maxBytes}.` });
    } else walk.files.set(path, { path, absolute, size, mtimeMs });
  } catch (error) {
    walk.skipped.push({ path, reason: problemOf(error) });
  }
}

async function followLink(walk: Walk, path: string, isCandidate: boolean): Promise<void> {
  const target = await targetOf(walk, path);
  const isFolder = target.kind === "folder";
  if (!isFolder && !isCandidate) return;
  const report = isFolder ? walk.warnings : walk.skipped;
  if (target.kind === "broken") report.push({ path, reason: target.reason });
  else if (target.path === undefined) {
    report.push({ path, reason: "It is a link that leads out of the folder being indexed." });
  } else if (isFolder || walk.files.has(target.path)) {
    report.push({ path, reason: `It is a link to "${target.path}", which is looked at itself.` });
  } else await visit(walk, path);
}

type Target =
  | { readonly kind: "broken"; readonly reason: string }
  /** `path` is relative to the root, `undefined` outside it. */
  | { readonly kind: "file" | "folder"; readonly path: string | undefined };

async function targetOf(walk: Walk, path: string): Promise<Target> {
  try {
    const real = await realpath(join(walk.root, path));
    const kind = (await stat(real)).isDirectory() ? "folder" : "file";
    const isInside = real === walk.realRoot || real.startsWith(walk.realRoot.replace(/[\\/]$/, "") + sep);
    return { kind, path: isInside ? relative(walk.realRoot, real).replaceAll(sep, "/") || "." : undefined };
  } catch (error) {
    return { kind: "broken", reason: problemOf(error) };
  }
}
