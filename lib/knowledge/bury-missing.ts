import { join } from "node:path";
import type { Project } from "../domain/project.ts";
import type { ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";
import { presenceOf } from "./file-presence.ts";
import { rowsByIds } from "./read-back.ts";
import { rootsElsewhere } from "./roots-elsewhere.ts";
import { deletionOf, storeRows } from "./store-row.ts";

export interface BuryRequest {
  readonly root: string;
  /** Only files below this path (with a trailing `/`; empty for all). */
  readonly under: string;
  readonly known: readonly SourceFile[];
}

/** A file whose document left a tombstone under this ref. */
export type BuriedFile = SourceFile & { readonly ref: string };

export interface Burial {
  readonly buried: readonly BuriedFile[];
  /** Files of which it cannot be told whether they are there: their documents stay. */
  readonly failed: readonly ReportItem[];
}

/**
 * Leaves a tombstone for every document whose file is gone from this root, unless another known root still
 * holds it: two worktrees must not bury each other's plans (RULES 10).
 */
export async function buryMissing(
  deps: Deps,
  project: Project,
  { root, under, known }: BuryRequest,
): Promise<Burial> {
  const here = known.filter((file) => file.root === root && file.path.startsWith(under));
  const presences = await Promise.all(here.map(({ path }) => presenceOf(join(root, path))));
  const gone = here.filter((_, index) => presences[index]?.state === "gone");
  const failed = here.flatMap(({ path }, index): readonly ReportItem[] => {
    const presence = presences[index];
    if (presence?.state !== "unknown") return [];
    return [{ item: path, reason: `${presence.problem} Its document was kept as it is.` }];
  });
  if (gone.length === 0) return { buried: [], failed };
  const others = known.filter((file) => file.root !== root);
  const isHeld = await heldBy(deps, { roots: [], known: others });
  const buried = await buryUnheld(deps, project, gone, isHeld);
  await deps.storage.sources.forget(
    project.id,
    root,
    gone.map(({ path }) => path),
  );
  return { buried, failed };
}

/**
 * Tells of a path whether a working copy holds a file there: folders of this machine are looked at, other copies are taken at
 * their word.
 * @param among roots: working copies; known: files that they and others were seen to hold
 */
export async function heldBy(
  deps: Pick<Deps, "storage">,
  among: { readonly roots: readonly string[]; readonly known: readonly SourceFile[] },
): Promise<(path: string) => Promise<boolean>> {
  const roots = [...new Set([...among.roots, ...among.known.map((file) => file.root)])];
  const elsewhere = await rootsElsewhere(deps, roots);
  const near = roots.filter((root) => !elsewhere.has(root));
  const told = new Set(among.known.filter(({ root }) => elsewhere.has(root)).map(({ path }) => path));
  return async (path) => {
    if (told.has(path)) return true;
    const presences = await Promise.all(near.map((root) => presenceOf(join(root, path))));
    return presences.some(({ state }) => state !== "gone");
  };
}

/** Buries the documents of files that nothing else holds. Returns the files of those that were live. */
export async function buryUnheld(
  deps: Deps,
  project: Project,
  files: readonly SourceFile[],
  isHeldElsewhere: (path: string) => Promise<boolean>,
): Promise<readonly BuriedFile[]> {
  const buried: BuriedFile[] = [];
  for (const file of files) {
    const ref = (await isHeldElsewhere(file.path)) ? undefined : await bury(deps, project, file);
    if (ref !== undefined) buried.push({ ...file, ref });
  }
  return buried;
}

/** The ref of the row that was buried; nothing where there was no live one. */
async function bury(deps: Deps, project: Project, { kind, id }: SourceFile): Promise<string | undefined> {
  const [found] = await rowsByIds(deps, project.id, kind, [id]);
  if (found === undefined || found.row.deletedAt !== undefined) return undefined;
  await storeRows(deps, project.id, [deletionOf(found, timestampOf(deps.clock()))]);
  return found.row.ref;
}
