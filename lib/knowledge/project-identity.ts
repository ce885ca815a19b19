import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { isUuid } from "../domain/ids.ts";

/** What tells a project from others (RULES 8), read from its folder without running git. */
export interface ProjectIdentity {
  /** The project's top folder, as a real path. */
  readonly root: string;
  readonly name: string;
  /** Aliases, strongest first: `id:<uuid>`, `git:<host/path>`, `gitdir:<real path>`, `path:<real path>`. */
  readonly keys: readonly string[];
}

/**
 * The project that a folder belongs to: the nearest folder above (or it) with `.git` or `.aiknowsys`, else
 * the folder itself. `undefined` for the file system's root and the user's home folder, which are no projects.
 */
export function readProjectIdentity(folder: string, userHome: string): ProjectIdentity | undefined {
  const start = realPath(folder);
  const home = realPath(userHome);
  const root = topFolder(start, home) ?? start;
  if (root === home || dirname(root) === root) return undefined;
  const gitDir = gitCommonDir(root);
  const origin = gitDir === undefined ? undefined : originOf(gitDir);
  const given = givenId(root);
  const keys = [
    ...(given === undefined ? [] : [`id:${given}`]),
    ...(origin === undefined ? [] : [`git:${origin}`]),
    ...(gitDir === undefined ? [] : [`gitdir:${gitDir}`]),
    `path:${root}`,
  ];
  return { root, name: origin === undefined ? basename(root) : basename(origin), keys };
}

/**
 * A git remote in one spelling for all: host and path in lower case without scheme, user, port, `.git`.
 * `git@github.com:Org/Repo.git` and `https://user@github.com/org/repo` are both `github.com/org/repo`.
 */
export function normaliseRemote(url: string): string | undefined {
  const text = url.trim();
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(text);
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^:/]*)(?::\d+)?\/(.+)$/i.exec(text);
  const match = full ?? (isAbsolute(text) || /^[a-z]:\\/i.test(text) ? null : scp);
  if (match === null || match === undefined) return text === "" ? undefined : text.replace(/\/+$/, "");
  const path = (match[2] ?? "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "")
    .replace(/^\/+/, "");
  return `${match[1] ?? ""}/${path}`.toLowerCase();
}

function topFolder(start: string, home: string): string | undefined {
  for (let folder = start; folder !== home; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git")) || isFolder(join(folder, ".aiknowsys"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
  return undefined;
}

function gitCommonDir(root: string): string | undefined {
  const marker = join(root, ".git");
  if (!existsSync(marker)) return undefined;
  if (isFolder(marker)) return realPath(marker);
  // A worktree or submodule: `.git` is a file that points to its own git directory.
  const pointed = /^gitdir:\s*(.+)$/m.exec(readText(marker))?.[1];
  if (pointed === undefined) return undefined;
  const gitDir = resolve(root, pointed.trim());
  const common = readText(join(gitDir, "commondir")).trim();
  return realPath(common === "" ? gitDir : resolve(gitDir, common));
}

function originOf(gitDir: string): string | undefined {
  let section = "";
  for (const line of readText(join(gitDir, "config")).split(/\r?\n/)) {
    const header = /^\s*\[([^\]]+)\]/.exec(line);
    if (header !== null) section = (header[1] ?? "").replace(/\s+/g, " ").toLowerCase();
    const url = section === 'remote "origin"' ? /^\s*url\s*=\s*(.+?)\s*$/.exec(line) : null;
    if (url?.[1] !== undefined) return normaliseRemote(url[1]);
  }
  return undefined;
}

function givenId(root: string): string | undefined {
  const id = /"projectId"\s*:\s*"([^"]+)"/.exec(readText(join(root, ".aiknowsys", "config.json")))?.[1];
  return id !== undefined && isUuid(id) ? id.toLowerCase() : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // An absent or unreadable marker tells nothing about the project: the next alias decides.
    return "";
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
