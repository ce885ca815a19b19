import type { ExchangePlace } from "../domain/document-exchange.ts";
import { KnowledgeError } from "../domain/error.ts";
import { projectIdFrom, projectIdSchema } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Deps } from "./deps.ts";
import { getProject } from "./project.ts";

/**
 * The project that a working copy on another machine belongs to: the one that is named, or the one of its keys, which is
 * made when it is not known yet.
 * @param mayRegister whether the caller may see all of its tenant, so that a project, or another key of one, can be made
 * @throws KnowledgeError `not_found`, `invalid_input` without keys, `forbidden` for a project that may not be made
 */
export async function projectOfCopy(
  deps: Pick<Deps, "storage" | "clock" | "random">,
  { named, keys, name }: ExchangePlace["project"],
  mayRegister: boolean,
): Promise<Project> {
  if (named !== undefined) return getProject(deps, named);
  if (keys.length === 0) throw unidentified();
  const known = await deps.storage.projects.findByKeys(keys);
  if (known !== undefined && (!mayRegister || keys.every((key) => known.keys.includes(key)))) return known;
  if (!mayRegister) throw notGranted(keys);
  const register = async (found: Project | undefined): Promise<Project> => {
    const given = keys.find((key) => key.startsWith("id:"))?.slice(3);
    const now = deps.clock();
    const made = given === undefined ? projectIdFrom(now, deps.random(16)) : projectIdSchema.parse(given);
    const id = found?.id ?? made;
    return deps.storage.projects.register({ id, name, keys, roots: [], createdAt: timestampOf(now) });
  };
  try {
    return await register(known);
  } catch (error) {
    // Another working copy of it, at the same moment, came first: then it is known now.
    if (!(error instanceof KnowledgeError) || error.code !== "conflict") throw error;
    return register(await deps.storage.projects.findByKeys(keys));
  }
}

function unidentified(): KnowledgeError {
  return new KnowledgeError("invalid_input", "Nothing tells which project of the instance this folder is.", {
    field: "project",
    hint: "Give it a git remote, put its projectId into .aiknowsys/config.json (`aiknowsys init` does), or name a project with --project.",
  });
}

function notGranted(keys: readonly string[]): KnowledgeError {
  return new KnowledgeError("forbidden", `No project of this token is known as ${keys.join(" or ")}.`, {
    field: "project",
    hint: "Name one of its projects with --project, or ask for a token for all projects, which may make a new one.",
  });
}
