import { existsSync } from "node:fs";
import { sep } from "node:path";
import { KnowledgeError } from "../lib/domain/error.ts";
import type { Project } from "../lib/domain/project.ts";

/** The project's top folder on this machine: the one that the server stands in, else the first that is there. */
export function rootOf(project: Project, cwd: string): string {
  const here = project.roots.find((root) => cwd === root || cwd.startsWith(root + sep));
  const root = here ?? project.roots.find((path) => existsSync(path));
  if (root !== undefined) return root;
  throw new KnowledgeError("not_found", `No folder of ${project.name} is on this machine.`, {
    field: "project",
    hint: "Run `aiknowsys index` in the folder that holds the project's files.",
  });
}
