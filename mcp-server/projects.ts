import { KnowledgeError } from "../lib/domain/error.ts";
import type { Project } from "../lib/domain/project.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { listStanding } from "../lib/knowledge/merged-projects.ts";
import { getStatus } from "../lib/knowledge/status.ts";
import { type OffsetRequest, offsetPage } from "./offset-page.ts";

/** A page of all projects, by name, with what each holds. */
export async function pageOfProjects(
  deps: Pick<Deps, "storage">,
  request: OffsetRequest,
): Promise<{ readonly count: number; readonly countExact: boolean; readonly projects: readonly object[] }> {
  const all = await listStanding(deps);
  const { items, nextCursor } = offsetPage(all, request);
  const projects = await Promise.all(items.map((project) => withFigures(deps, project)));
  return {
    count: all.length,
    countExact: true,
    projects,
    ...(nextCursor !== undefined && { nextCursor }),
  };
}

/** One project's figures, without those of the store. @throws KnowledgeError `not_found` without a project. */
export async function statsOf(deps: Deps, project: Project | undefined): Promise<object> {
  if (project === undefined) {
    throw new KnowledgeError("not_found", "Nothing is stored for this folder yet.", {
      hint: "See list_projects, and name one of them with the argument project.",
    });
  }
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
