import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version of this program, from the package.json above this file. */
export function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path)) return /"version":\s*"([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1] ?? "unknown";
    if (dirname(folder) === folder) return "unknown";
  }
}
