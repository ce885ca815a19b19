import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT, SOURCE_FOLDERS } from "./tree.ts";

const SETTINGS = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "biome.json",
  "knip.json",
  ".dependency-cruiser.cjs",
  "vitest.config.ts",
];

export interface BrokenHouse {
  readonly folder: string;
  readonly close: () => void;
}

/**
 * A copy of the sources and settings in a temporary folder, with `planted` (path → text) put over it. Packages are
 * links to the installed ones; `fakePackages` are empty ones that only have to resolve.
 */
export function buildBrokenHouse(
  planted: Readonly<Record<string, string>>,
  fakePackages: readonly string[] = [],
): BrokenHouse {
  const folder = mkdtempSync(join(tmpdir(), "aiknowsys-house-"));
  for (const name of [...SOURCE_FOLDERS, ...SETTINGS]) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  linkPackages(folder);
  for (const name of fakePackages) {
    if (existsSync(join(folder, "node_modules", name))) continue;
    write(
      folder,
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    );
    write(folder, `node_modules/${name}/index.js`, "module.exports = {};\n");
  }
  for (const [path, text] of Object.entries(planted)) write(folder, path, text);
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

function linkPackages(folder: string): void {
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name.startsWith(".")) continue;
    symlinkSync(join(ROOT, "node_modules", name), join(packages, name), "junction");
  }
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
