import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

/** Folders whose TypeScript is compiled into the product or its measuring tools. */
export const SOURCE_FOLDERS = ["lib", "mcp-server", "bench", "eval"] as const;

const KERNEL = "lib/storage/sqlite/kernel/";
const NEVER_OURS = new Set(["node_modules", "dist", "model", ".cache", ".git", "coverage"]);

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Everything that belongs to the repository: what git has or would take; without git, what is not built. */
export function repositoryFiles(): readonly string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  try {
    const listed = execFileSync("git", args, {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
  } catch {
    return filesBelow("");
  }
}

/** TypeScript of the product, without the kernel, which another compiler reads. */
export function sourceFiles(): readonly string[] {
  return SOURCE_FOLDERS.flatMap((folder) => filesBelow(`${folder}/`)).filter(
    (path) => path.endsWith(".ts") && !path.startsWith(KERNEL),
  );
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NEVER_OURS.has(entry.name)) return [];
    const path = `${folder}${entry.name}`;
    return entry.isDirectory() ? filesBelow(`${path}/`) : [path];
  });
}
