import type { Project } from "../lib/domain/project.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { getStatus } from "../lib/knowledge/status.ts";
import { type OffsetRequest, offsetPage } from "./offset-page.ts";

/** A page of all projects, by name, with what each holds. */
export async function pageOfProjects(
  deps: Pick<Deps, "storage">,
  request: OffsetRequest,
): Promise<{ readonly count: number; readonly countExact: boolean; readonly projects: readonly object[] }> {
  const all = await deps.storage.projects.list();
  const { items, nextCursor } = offsetPage(all, request);
  const projects = await Promise.all(items.map((project) => withFigures(deps, project)));
  return {
    count: all.length,
    countExact: true,
    projects,
    ...(nextCursor !== undefined && { nextCursor }),
  };
}

/** One project's figures, without those of the store. */
export async function statsOf(deps: Deps, project: Project): Promise<object> {
  const { embedding, index } = await getStatus(deps, { project, projects: [project] });
  return { project: await withFigures(deps, project), embedding, index };
}

async function withFigures(deps: Pick<Deps, "storage">, project: Project): Promise<object> {
  const { id, ref, name, keys, roots } = project;
  const [counts, lastWriteAt] = await Promise.all([
    deps.storage.projects.counts(id),
    deps.storage.projects.lastWriteAt(id),
  ]);
  return { id, ref, name, keys, roots, counts, ...(lastWriteAt !== undefined && { lastWriteAt }) };
}
