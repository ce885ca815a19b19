import type { Project } from "../domain/project.ts";
import type { ReportItem } from "../domain/report.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { type BuriedFile, buryUnheld, isHeld } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { isDistantRoot } from "./distant-root.ts";
import { presenceOf } from "./file-presence.ts";

export interface ForgottenRoots {
  readonly buried: readonly BuriedFile[];
  readonly notes: readonly ReportItem[];
}

/**
 * Forgets working copies of a project that no longer exist on disk, and leaves tombstones for the documents
 * that only they held (RULES 10). The root that is being indexed exists.
 */
export async function forgetGoneRoots(
  deps: Deps,
  project: Project,
  { root, known }: { readonly root: string; readonly known: readonly SourceFile[] },
): Promise<ForgottenRoots> {
  const all = new Set([root, ...project.roots, ...known.map((file) => file.root)]);
  const roots = [...all].filter((each) => !isDistantRoot(each));
  const presences = await Promise.all(roots.map(presenceOf));
  const left = roots.filter((_, index) => presences[index]?.state !== "gone");
  const buried: BuriedFile[] = [];
  const notes: ReportItem[] = [];
  for (const gone of roots.filter((_, index) => presences[index]?.state === "gone")) {
    const files = known.filter((file) => file.root === gone);
    const others = known.filter((file) => file.root !== gone);
    const lost = await buryUnheld(deps, project, files, (path) => isHeld(path, left, others));
    await deps.storage.sources.forgetRoot(project.id, gone);
    buried.push(...lost);
    const documents = lost.length === 1 ? "1 document" : `${lost.length} documents`;
    const reason = `This folder of the project is gone and was forgotten; ${documents} that only it held left the store.`;
    if (files.length > 0) notes.push({ item: gone, reason });
  }
  return { buried, notes };
}
