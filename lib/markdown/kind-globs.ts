import { isAbsolute, relative, sep } from "node:path";
import { glob } from "tinyglobby";
import type { DocumentKind } from "../domain/ids.ts";

/** The user's globs, relative to the root; a folder's name means the text files in it. */
export interface KindGlobs {
  readonly plans?: string | readonly string[] | undefined;
  readonly sessions?: string | readonly string[] | undefined;
  readonly patterns?: string | readonly string[] | undefined;
}

export interface GlobMatches {
  /** Path relative to the root, with `/` → kind. A path of several globs has the first kind of plan, session, pattern. */
  readonly kinds: ReadonlyMap<string, DocumentKind>;
  readonly unmatched: readonly { readonly path: string; readonly reason: string }[];
}

const KINDS = [
  ["plan", "plans"],
  ["session", "sessions"],
  ["pattern", "patterns"],
] as const;
const TEXT = /\.(?:md|markdown|mdown|mkdn?|mdx|txt)$/i;

/** The files (no links) that the user's globs name. An ignored folder is looked into only where the glob spells its name. */
export async function matchGlobs(
  root: string,
  globs: KindGlobs,
  ignored: ReadonlySet<string>,
): Promise<GlobMatches> {
  const kinds = new Map<string, DocumentKind>();
  const unmatched: { path: string; reason: string }[] = [];
  for (const [kind, name] of KINDS) {
    for (const pattern of [globs[name] ?? []].flat()) {
      const paths = await pathsOf(root, pattern, ignored);
      if (paths.length === 0)
        unmatched.push({ path: pattern, reason: `The glob for ${name} matched no file.` });
      for (const path of paths) if (!kinds.has(path)) kinds.set(path, kind);
    }
  }
  return { kinds, unmatched };
}

async function pathsOf(root: string, pattern: string, ignored: ReadonlySet<string>): Promise<string[]> {
  const local = localPattern(root, pattern);
  const spelled = new Set(local.split("/"));
  const paths = await glob([local], {
    cwd: root,
    dot: true,
    followSymbolicLinks: false,
    ignore: [...ignored].filter((folder) => !spelled.has(folder)).map((folder) => `**/${folder}/**`),
  });
  const extension = /\.[A-Za-z0-9]+$/.exec(local)?.[0];
  const isText = (path: string) => TEXT.test(path) || (extension !== undefined && path.endsWith(extension));
  return paths.filter(isText).toSorted();
}

function localPattern(root: string, pattern: string): string {
  const inside = isAbsolute(pattern) ? relative(root, pattern) : pattern;
  return (sep === "\\" ? inside.replaceAll("\\", "/") : inside).replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
}
