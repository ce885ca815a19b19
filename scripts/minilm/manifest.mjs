import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "manifest.json";

/** Writes down every file of a finished build with its size and SHA-256, beside what it was made with. */
export function writeManifest(folder, recipe) {
  const files = {};
  for (const path of filesUnder(folder)) {
    const content = readFileSync(join(folder, path));
    files[path] = { bytes: content.length, sha256: sha256(content) };
  }
  writeFileSync(join(folder, NAME), `${JSON.stringify({ recipe, files }, undefined, 2)}\n`);
}

/**
 * Whether a folder holds a whole build made with this recipe. Sizes are compared; with `thorough`, contents too.
 */
export function isBuilt(folder, recipe, { thorough = false } = {}) {
  const manifest = readManifest(folder);
  if (manifest?.recipe !== recipe) return false;
  return Object.entries(manifest.files).every(([path, expected]) => {
    const file = join(folder, path);
    if (statSync(file, { throwIfNoEntry: false })?.size !== expected.bytes) return false;
    return !thorough || sha256(readFileSync(file)) === expected.sha256;
  });
}

export function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

function readManifest(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, NAME), "utf8"));
  } catch {
    // Absent or cut short: both mean "not built".
    return undefined;
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => path.slice(folder.length + 1).replaceAll("\\", "/"))
    .sort();
}
