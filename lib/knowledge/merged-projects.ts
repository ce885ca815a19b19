import type { ProjectId } from "../domain/ids.ts";
import { mergedInto, mergedKey, type Project } from "../domain/project.ts";
import type { Deps } from "./deps.ts";

/** The tenant's projects by name, without those that were merged into others: they hold nothing but history. */
export async function listStanding({ storage }: Pick<Deps, "storage">): Promise<readonly Project[]> {
  const all = await storage.projects.list();
  const merged = new Set<ProjectId>(all.flatMap(mergedInto));
  return merged.size === 0 ? all : all.filter(({ id }) => !merged.has(id));
}

/** Each project, or the one that it was merged into; each once. */
export async function standingOf(
  { storage }: Pick<Deps, "storage">,
  projects: readonly Project[],
): Promise<readonly Project[]> {
  const standing = new Map<ProjectId, Project>();
  for (const project of projects) {
    // Merged ones have given all their keys away.
    const into =
      project.keys.length === 0 ? await storage.projects.findByKeys([mergedKey(project.id)]) : undefined;
    const found = into ?? project;
    standing.set(found.id, found);
  }
  return [...standing.values()];
}
