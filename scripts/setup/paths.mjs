// Where things lie in a clone. `import.meta.dirname` would need Node 20.11, so the path is taken from the URL.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const CACHE = join(ROOT, ".cache");
export const DIST = join(ROOT, "dist");
export const CLI = join(DIST, "lib", "cli", "main.js");

/** Folders whose TypeScript becomes the product or its measuring tools. */
export const SOURCE_FOLDERS = ["lib", "mcp-server", "bench", "eval"];

/** Holds AssemblyScript, which has a compiler of its own. */
export const KERNEL_FOLDER = "lib/storage/sqlite/kernel";
