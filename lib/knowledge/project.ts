import { KnowledgeError } from "../domain/error.ts";
import { projectIdFrom, projectIdSchema } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Deps, Scope } from "./deps.ts";
import { listStanding, standingOf } from "./merged-projects.ts";
import { type ProjectIdentity, readProjectIdentity } from "./project-identity.ts";

/** Where a caller stands and what it asked for. */
export interface Place {
  readonly cwd: string;
  readonly userHome: string;
  /** `--project`: an id, ref, name or key. */
  readonly project?: string | undefined;
  readonly allProjects?: boolean | undefined;
}

/**
 * The projects that a read looks at. Registers nothing: an unknown folder gives an empty scope.
 * @throws KnowledgeError `not_found` for an unknown `project`, `invalid_input` for an ambiguous one.
 */
export async function findScope(deps: Pick<Deps, "storage">, place: Place): Promise<Scope> {
  const project =
    place.project === undefined ? await projectOfFolder(deps, place) : await getProject(deps, place.project);
  if (place.allProjects !== true) return { project, projects: project === undefined ? [] : [project] };
  const all = await listStanding(deps);
  return {
    project,
    projects: project === undefined ? all : [project, ...all.filter(({ id }) => id !== project.id)],
  };
}

/** The scope of a write: the current project alone, whatever reads look at. */
export function ownScope({ project }: Scope): Scope {
  return { project, projects: project === undefined ? [] : [project] };
}

/** The current project, registered when its folder is not known yet. @throws KnowledgeError `invalid_input` where no project can be. */
export async function requireProject(
  deps: Pick<Deps, "storage" | "clock" | "random">,
  scope: Scope,
  place: Place,
): Promise<Project> {
  if (scope.project !== undefined) return scope.project;
  return registerFolder(deps, place.cwd, place.userHome);
}

/** Registers a folder's project, or adds the folder to the project that it belongs to. */
export async function registerFolder(
  deps: Pick<Deps, "storage" | "clock" | "random">,
  folder: string,
  userHome: string,
): Promise<Project> {
  const identity = readProjectIdentity(folder, userHome);
  if (identity === undefined) {
    throw new KnowledgeError(
      "invalid_input",
      "This folder is no project: it is the home folder or the root of the disk.",
      {
        field: "project",
        hint: "Go to a project's folder, or name a project with --project (over MCP: the argument project).",
      },
    );
  }
  try {
    return await register(deps, identity);
  } catch (error) {
    // Somebody else's first write here, at the same moment, has registered it in between: then it is known now.
    if (!(error instanceof KnowledgeError) || error.code !== "conflict") throw error;
    return register(deps, identity);
  }
}

async function register(
  deps: Pick<Deps, "storage" | "clock" | "random">,
  { keys, name, root }: ProjectIdentity,
): Promise<Project> {
  const known = await deps.storage.projects.findByKeys(keys);
  const given = keys.find((key) => key.startsWith("id:"))?.slice(3);
  const now = deps.clock();
  return deps.storage.projects.register({
    id:
      known?.id ?? (given === undefined ? projectIdFrom(now, deps.random(16)) : projectIdSchema.parse(given)),
    name: known?.name ?? name,
    keys,
    roots: [root],
    createdAt: timestampOf(now),
  });
}

async function projectOfFolder(deps: Pick<Deps, "storage">, place: Place): Promise<Project | undefined> {
  const identity = readProjectIdentity(place.cwd, place.userHome);
  return identity === undefined ? undefined : deps.storage.projects.findByKeys(identity.keys);
}

/** The project that an id, ref, name or key means. @throws KnowledgeError `not_found`, or `invalid_input` for an ambiguous one. */
export async function getProject(deps: Pick<Deps, "storage">, text: string): Promise<Project> {
  const found = await standingOf(deps, await deps.storage.projects.find(text.trim()));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    throw new KnowledgeError("invalid_input", `Project "${text}" names ${found.length} projects.`, {
      field: "project",
      valid: found.map(
        ({ ref, name, roots }) => `${ref} (${name}${roots[0] === undefined ? "" : `, ${roots[0]}`})`,
      ),
      hint: "Use the ref of the one that is meant.",
    });
  }
  const all = await listStanding(deps);
  throw new KnowledgeError("not_found", `Project "${text.slice(0, 80)}" is not known.`, {
    field: "project",
    valid: all.slice(0, 20).map(({ ref, name }) => `${name} (${ref})`),
    hint:
      all.length === 0
        ? "No project is registered yet: run `aiknowsys index` in its folder."
        : "Use one of the known names or refs.",
  });
}
