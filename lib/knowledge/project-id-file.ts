import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import type { ProjectId } from "../domain/ids.ts";
import { withMember } from "./json-member.ts";

/**
 * Writes a project's id into `.aiknowsys/config.json` below its top folder, so that copies of the folder
 * without a common git remote are one project (RULES 8). Other settings in the file stay as they are.
 * Returns the file's path, or `undefined` when it names a project already.
 * @throws KnowledgeError `invalid_input` for a file that is no JSON object, `unavailable` when it cannot be written.
 */
export async function writeProjectId(root: string, id: ProjectId): Promise<string | undefined> {
  const folder = join(root, ".aiknowsys");
  const path = join(folder, "config.json");
  const before = await readFile(path, "utf8").catch(() => "{}\n");
  if (/"projectId"\s*:/.test(before)) return undefined;
  const after = withMember(before, ["projectId"], id);
  if (after === undefined) {
    throw new KnowledgeError("invalid_input", `The settings file ${path} is not a JSON object.`, {
      hint: "Correct it, or remove it to use the defaults.",
    });
  }
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, after);
  } catch (cause) {
    throw new KnowledgeError("unavailable", `The file ${path} cannot be written.`, {
      hint: "Check its permissions.",
      cause,
    });
  }
  return path;
}
