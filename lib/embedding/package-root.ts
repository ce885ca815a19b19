import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KnowledgeError } from "../domain/error.ts";

const PACKAGE = "aiknowsys";

/**
 * The folder of this package, found upwards from a module of it (sources and compiled files lie at different depths).
 * Throws KnowledgeError `internal` where there is none.
 */
export function packageRoot(moduleUrl: string): string {
  let folder = dirname(fileURLToPath(moduleUrl));
  while (packageName(folder) !== PACKAGE) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new KnowledgeError("internal", `No folder above this module holds the package ${PACKAGE}.`, {
        hint: "Install the package again.",
      });
    }
    folder = parent;
  }
  return folder;
}

function packageName(folder: string): unknown {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof content === "object" && content !== null && "name" in content ? content.name : undefined;
  } catch {
    // No package.json here, or none that can be read: the search goes on above.
    return undefined;
  }
}
