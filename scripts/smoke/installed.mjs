// The tarball, installed the way a user installs it: into an empty folder, with plain npm.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../setup/paths.mjs";
import { Failure, runNpm, tail } from "../setup/run.mjs";

const LARGEST_MB = 60;

/** Packs the clone into `folder`; the result is the tarball's path. */
export async function pack(folder) {
  mkdirSync(folder, { recursive: true });
  await npm(["pack", "--pack-destination", folder], { cwd: ROOT });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Failure("npm pack made no tarball.");
  return join(folder, tarball);
}

/** Installs the tarball into the empty `folder`; the result is the installed package's folder. */
export async function install(tarball, folder) {
  mkdirSync(folder, { recursive: true });
  await npm(["install", "--no-audit", "--no-fund", tarball], { cwd: folder });
  return join(folder, "node_modules", "aiknowsys");
}

/** The unpacked size in MB, refused above the limit. */
export function assertSize(installed) {
  const megabytes = sizeOf(installed) / 1_000_000;
  assert.ok(
    megabytes <= LARGEST_MB,
    `the package unpacks to ${megabytes.toFixed(1)} MB, more than ${LARGEST_MB} MB`,
  );
  return megabytes;
}

/** A user gets no development dependency, so whatever works from here on works without them. */
export function assertNoDevDependencies(folder) {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const present = Object.keys(devDependencies).filter((name) =>
    existsSync(join(folder, "node_modules", name)),
  );
  assert.deepEqual(present, [], "development dependencies were installed");
}

async function npm(args, options) {
  const result = await runNpm(args, options);
  if (result.status !== 0)
    throw new Failure(`${tail(result.output)}\n\nnpm ${args[0]} failed (its last lines are above).`);
}

/** Bytes of all files below the folder. */
export function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}
