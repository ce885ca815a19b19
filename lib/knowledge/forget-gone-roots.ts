import { KnowledgeError } from "../domain/error.ts";
import type { Project } from "../domain/project.ts";
import type { ReportItem } from "../domain/report.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { type BuriedFile, buryUnheld, heldBy } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { presenceOf } from "./file-presence.ts";
import { getProject } from "./project.ts";
import { rootsElsewhere } from "./roots-elsewhere.ts";

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
  const all = [...new Set([root, ...project.roots, ...known.map((file) => file.root)])];
  const elsewhere = await rootsElsewhere(deps, all);
  const near = all.filter((each) => !elsewhere.has(each));
  const presences = await Promise.all(near.map(presenceOf));
  const buried: BuriedFile[] = [];
  const notes: ReportItem[] = [];
  for (const gone of near.filter((_, index) => presences[index]?.state === "gone")) {
    const lost = await forgetRoot(deps, project, { root: gone, roots: all, known });
    buried.push(...lost);
    const reason = `This folder of the project is gone and was forgotten; ${countOf(lost)} that only it held left the store.`;
    if (known.some((file) => file.root === gone)) notes.push({ item: gone, reason });
  }
  return { buried, notes };
}

/** A working copy that was forgotten, and the documents that only it held. */
export interface ForgottenCopy {
  readonly project: string;
  readonly copy: string;
  readonly removed: readonly { readonly ref: string; readonly path: string }[];
}

/**
 * Forgets a working copy that this machine cannot see, such as that of a machine which is no more: the documents that only it
 * held leave tombstones. @throws KnowledgeError `not_found`, with the copies that are known
 */
export async function forgetCopy(
  deps: Deps,
  input: { readonly project: string; readonly copy: string },
): Promise<ForgottenCopy> {
  const project = await getProject(deps, input.project);
  const known = await deps.storage.sources.files(project.id);
  const roots = [...new Set([...project.roots, ...known.map((file) => file.root)])];
  if (!roots.includes(input.copy)) {
    throw new KnowledgeError("not_found", `${project.name} has no working copy "${input.copy}".`, {
      ...(roots.length > 0 && { valid: roots }),
      hint: "Name it as `aiknowsys project list --json` shows it.",
    });
  }
  const lost = await forgetRoot(deps, project, { root: input.copy, roots, known });
  return {
    project: project.ref,
    copy: input.copy,
    removed: lost.map(({ ref, path }) => ({ ref, path })),
  };
}

async function forgetRoot(
  deps: Deps,
  project: Project,
  {
    root,
    roots,
    known,
  }: { readonly root: string; readonly roots: readonly string[]; readonly known: readonly SourceFile[] },
): Promise<readonly BuriedFile[]> {
  const others = known.filter((file) => file.root !== root);
  const lost = await buryUnheld(
    deps,
    project,
    known.filter((file) => file.root === root),
    await heldBy(deps, { roots: roots.filter((each) => each !== root), known: others }),
  );
  await deps.storage.sources.forgetRoot(project.id, root);
  return lost;
}

export function countOf(documents: readonly unknown[]): string {
  return documents.length === 1 ? "1 document" : `${documents.length} documents`;
}
