// What the build reads and what it must leave behind.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DIST, KERNEL_FOLDER, ROOT, SOURCE_FOLDERS } from "./paths.mjs";

const SETTINGS = ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"];

/** Paths of all files below a folder of the clone, relative to the clone, with `/`, sorted. */
function filesBelow(folder) {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** The TypeScript files that `tsc` turns into JavaScript. */
function typescriptSources() {
  return SOURCE_FOLDERS.flatMap(filesBelow).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.startsWith(`${KERNEL_FOLDER}/`),
  );
}

/** One hash over everything that decides what the build makes. */
export function hashOfInputs() {
  const hash = createHash("sha256");
  const builders = filesBelow("scripts").filter((file) => /^scripts\/(build-|minilm\/|setup\/)/.test(file));
  for (const file of [...SETTINGS, ...SOURCE_FOLDERS.flatMap(filesBelow), ...builders]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Whether each source has its JavaScript and its declaration in dist. */
export function isCompiled() {
  return typescriptSources().every((file) => {
    const stem = join(DIST, file.slice(0, -".ts".length));
    return existsSync(`${stem}.js`) && existsSync(`${stem}.d.ts`);
  });
}

/** Removes compiled files whose source is gone, so that they are neither run nor packed. */
export function sweepDist() {
  for (const file of SOURCE_FOLDERS.flatMap((folder) => filesBelow(`dist/${folder}`))) {
    const source = file.replace(/^dist\//, "").replace(/(\.d\.ts|\.js)$/, ".ts");
    if (!existsSync(join(ROOT, source))) rmSync(join(ROOT, file));
  }
  for (const folder of SOURCE_FOLDERS) removeEmptyFolders(join(DIST, folder));
}

function removeEmptyFolders(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
