import { KnowledgeError } from "../domain/error.ts";
import type { Project, ProjectCounts } from "../domain/project.ts";
import type { Timestamp } from "../domain/timestamp.ts";
import { parseName } from "./arguments.ts";
import type { Deps } from "./deps.ts";
import { listStanding } from "./merged-projects.ts";
import { getProject } from "./project.ts";

/** RULES 31: Project. */
export interface ListedProject extends Project {
  readonly counts: ProjectCounts;
  readonly lastWriteAt?: Timestamp | undefined;
}

/** The tenant's projects by name, with how many rows each holds. */
export async function listProjects(deps: Pick<Deps, "storage">): Promise<readonly ListedProject[]> {
  const { projects } = deps.storage;
  const listed: ListedProject[] = [];
  for (const project of await listStanding(deps)) {
    const lastWriteAt = await projects.lastWriteAt(project.id);
    const counts = await projects.counts(project.id);
    listed.push({ ...project, counts, ...(lastWriteAt !== undefined && { lastWriteAt }) });
  }
  return listed;
}

/** @throws KnowledgeError `not_found`, `invalid_input`, `forbidden` for a login that is not the owner's. */
export async function renameProject(
  deps: Pick<Deps, "storage">,
  input: { readonly id: string; readonly name: string },
): Promise<Project> {
  const { id } = await getProject(deps, input.id);
  return deps.storage.tenancy.renameProject(id, parseName("name", input.name));
}

/**
 * Deletes a project with everything that it holds. @throws KnowledgeError `not_found`; `invalid_input`, with what would go,
 * unless that is confirmed.
 */
export async function deleteProject(
  deps: Pick<Deps, "storage">,
  input: { readonly id: string; readonly confirmed: boolean },
): Promise<Project & { readonly counts: ProjectCounts }> {
  const project = await getProject(deps, input.id);
  const counts = await deps.storage.projects.counts(project.id);
  if (!input.confirmed) {
    const { plans, sessions, patterns, events } = counts;
    const what = `${plans} plans, ${sessions} sessions, ${patterns} patterns and ${events} events`;
    throw new KnowledgeError(
      "invalid_input",
      `This deletes ${project.name} with ${what}, and all their history.`,
      {
        field: "yes",
        hint: "Nothing was deleted. Keep a copy with `aiknowsys export-db`, then say --yes.",
      },
    );
  }
  await deps.storage.tenancy.deleteProject(project.id);
  return { ...project, counts };
}
