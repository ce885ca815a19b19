import { join } from "node:path";
import * as z from "zod";
import type { DocumentKind } from "../domain/ids.ts";
import { matchGlobs } from "../markdown/kind-globs.ts";
import { IGNORED_FOLDERS } from "../markdown/walk.ts";
import type { SourceRun } from "../storage/contract/rows.ts";

const globsSchema = z.object({
  plans: z.string().optional(),
  sessions: z.string().optional(),
  patterns: z.string().optional(),
  under: z.string().default(""),
});

interface Place {
  readonly root: string;
  readonly path: string;
}

/** The kind that each file has by the globs of the newest run over its folder; absent for none. */
export async function givenKinds<File extends Place>(
  runs: readonly SourceRun[],
  files: readonly File[],
): Promise<ReadonlyMap<File, DocumentKind>> {
  const given = new Map<File, DocumentKind>();
  let left = files;
  for (const { root, globs } of runs) {
    const { under, ...patterns } = globsSchema.parse(JSON.parse(globs));
    const isOf = (file: File): boolean => file.root === root && file.path.startsWith(under);
    const own = left.filter(isOf);
    left = left.filter((file) => !isOf(file));
    if (own.length === 0 || Object.keys(patterns).length === 0) continue;
    const { kinds } = await matchGlobs(join(root, under), patterns, IGNORED_FOLDERS);
    for (const file of own) {
      const kind = kinds.get(file.path.slice(under.length));
      if (kind !== undefined) given.set(file, kind);
    }
  }
  return given;
}
