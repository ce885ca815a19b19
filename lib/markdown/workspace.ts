import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import type { DocumentKind } from "../domain/ids.ts";
import { type KindGlobs, matchGlobs } from "./kind-globs.ts";
import { reasonOf } from "./read-text-file.ts";

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

export interface SkippedPath {
  readonly path: string;
  readonly reason: string;
}

/** found = files + skipped. Both are in bytewise order of their paths. */
export interface ScanResult {
  readonly files: readonly WorkspaceFile[];
  /** Candidates that will not be read: too big, a broken link, not a file… */
  readonly skipped: readonly SkippedPath[];
  /** Folders that were not looked into, and globs that matched nothing; they count as nothing found. */
  readonly ignored: readonly SkippedPath[];
}

export interface ScanOptions {
  readonly root: string;
  readonly globs?: KindGlobs;
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const MARKDOWN = /\.(?:md|markdown|mdown|mkdn?|mdx)$/i;
/** Other people's code, what tools produce, and caches. */
const IGNORED = new Set(
  "node_modules bower_components vendor dist build target coverage venv __pycache__ Pods .git .hg .svn .jj .venv .tox .nox .cache .next .nuxt .svelte-kit .turbo .parcel-cache .yarn .pnpm-store .npm .cargo .rustup .gradle .terraform .pytest_cache .mypy_cache .ruff_cache .idea .Trash .trash".split(
    " ",
  ),
);

/**
 * Every markdown file under a folder, and every file that a glob names, in order. Dot folders are read
 * (`.aiknowsys`, `.github`), caches and other people's code are not. Links are followed to files within
 * the root only, and a file that two paths reach is read once: a link must not carry other parts of the
 * disk into the store.
 * @throws KnowledgeError `not_found` where the root is no folder
 */
export async function scanWorkspace({
  root,
  globs = {},
  maxBytes = DEFAULT_MAX_BYTES,
}: ScanOptions): Promise<ScanResult> {
  const scan = await openScan(root, maxBytes);
  await walk(scan, "");
  const { kinds, unmatched } = await matchGlobs(root, globs, IGNORED);
  for (const path of [...kinds.keys()].filter((path) => !scan.seen.has(path))) await visitPath(scan, path);
  for (const link of scan.links) await followLink(scan, link);
  const files = [...scan.files.values()].map((file) => {
    const given = kinds.get(file.path);
    return given === undefined ? file : { ...file, given };
  });
  return {
    files: files.toSorted(byPath),
    skipped: scan.skipped.toSorted(byPath),
    ignored: [...scan.ignored.toSorted(byPath), ...unmatched],
  };
}

interface Scan {
  readonly root: string;
  readonly realRoot: string;
  readonly maxBytes: number;
  readonly files: Map<string, WorkspaceFile>;
  readonly skipped: SkippedPath[];
  readonly ignored: SkippedPath[];
  readonly links: string[];
  readonly seen: Set<string>;
}

async function openScan(root: string, maxBytes: number): Promise<Scan> {
  try {
    const realRoot = await realpath(root);
    if (!(await stat(realRoot)).isDirectory()) throw new Error("not a folder");
    return {
      root,
      realRoot,
      maxBytes,
      files: new Map(),
      skipped: [],
      ignored: [],
      links: [],
      seen: new Set(),
    };
  } catch (cause) {
    throw new KnowledgeError("not_found", `There is no folder "${root}" to index.`, {
      hint: "Name an existing folder.",
      cause,
    });
  }
}

/** Looks into a folder. One at a time: the disk is not the bottleneck of an index, and memory stays small. */
async function walk(scan: Scan, folder: string): Promise<void> {
  const entries = await entriesOf(scan, folder);
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isSymbolicLink()) {
      if (MARKDOWN.test(entry.name) || !entry.name.includes(".") || IGNORED.has(entry.name))
        scan.links.push(path);
    } else if (entry.isDirectory()) {
      if (IGNORED.has(entry.name))
        scan.ignored.push({
          path,
          reason: "The folder is ignored: it holds tools' or other people's files.",
        });
      else await walk(scan, path);
    } else if (MARKDOWN.test(entry.name)) {
      await visitPath(scan, path);
    }
  }
}

async function entriesOf(scan: Scan, folder: string) {
  try {
    return await readdir(join(scan.root, folder), { withFileTypes: true });
  } catch (error) {
    scan.ignored.push({
      path: folder === "" ? "." : folder,
      reason: `The folder could not be opened. ${reasonOf(error)}`,
    });
    return [];
  }
}

async function visitPath(scan: Scan, path: string): Promise<void> {
  scan.seen.add(path);
  const absolute = join(scan.root, path);
  try {
    const { size, mtimeMs, ...file } = await statOf(absolute);
    if (!file.isFile) scan.skipped.push({ path, reason: "It is not a regular file." });
    else if (size > scan.maxBytes) {
      scan.skipped.push({ path, reason: `It is too big: ${size} bytes, the limit is ${scan.maxBytes}.` });
    } else scan.files.set(path, { path, absolute, size, mtimeMs });
  } catch (error) {
    scan.skipped.push({ path, reason: reasonOf(error) });
  }
}

async function statOf(absolute: string) {
  const stats = await stat(absolute);
  return { size: stats.size, mtimeMs: stats.mtimeMs, isFile: stats.isFile() };
}

/** A link to a file is read where the file itself is not; a link to a folder only names what is read anyway. */
async function followLink(scan: Scan, path: string): Promise<void> {
  const target = await targetOf(scan, path);
  if (target.kind === "broken") {
    if (MARKDOWN.test(path)) scan.skipped.push({ path, reason: target.reason });
    return;
  }
  const isFolder = target.kind === "folder";
  const report = isFolder ? scan.ignored : scan.skipped;
  if (!isFolder && !MARKDOWN.test(path)) return;
  if (target.path === undefined)
    report.push({ path, reason: "The link leads out of the folder that is indexed." });
  else if (isFolder)
    report.push({ path, reason: `The link leads to "${target.path}", which is looked at itself.` });
  else if (scan.files.has(target.path))
    report.push({ path, reason: `It is a link to "${target.path}", which is read itself.` });
  else await visitPath(scan, path);
}

type Target =
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "file" | "folder"; readonly path: string | undefined };

async function targetOf(scan: Scan, path: string): Promise<Target> {
  try {
    const real = await realpath(join(scan.root, path));
    const kind = (await stat(real)).isDirectory() ? "folder" : "file";
    const inside =
      real === scan.realRoot ||
      real.startsWith(scan.realRoot.endsWith(sep) ? scan.realRoot : scan.realRoot + sep);
    return { kind, path: inside ? relative(scan.realRoot, real).replaceAll(sep, "/") || "." : undefined };
  } catch (error) {
    return { kind: "broken", reason: reasonOf(error) };
  }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
