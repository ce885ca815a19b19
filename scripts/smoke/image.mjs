// What the Dockerfile makes, made without Docker: its steps in an empty folder, started from there as a user who may not
// write in it, over a real PostgreSQL.
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { ROOT } from "../setup/paths.mjs";
import { Failure, runShell, tail } from "../setup/run.mjs";
import { sizeOf } from "./installed.mjs";

/** Size of the base image, Debian with Node; and what ours may have with it. */
const BASE_MB = 210;
const LARGEST_MB = 400;

/** Follows the stages after the build, which this clone has done; the result is the folder that becomes `/app`. */
export async function makeImage(stages, folder) {
  const app = join(folder, "app");
  const places = { build: ROOT };
  for (const stage of stages.slice(1)) {
    const place = stage.name === undefined ? app : join(folder, stage.name);
    mkdirSync(place, { recursive: true });
    for (const copy of stage.copies) copyParts(copy, places, place);
    // The last stage's own commands change the system around the program.
    if (stage.name !== undefined) for (const command of stage.runs) await runIn(place, command);
    places[stage.name] = place;
  }
  return app;
}

/** `/build/…` and `/app/…` are the working folders of the stages. */
function copyParts({ from, sources, target }, places, place) {
  for (const source of sources) {
    const path = join(places[from] ?? ROOT, source.replace(/^\/(build|app)\//, ""));
    const to = join(place, target, target.endsWith("/") ? basename(source) : "");
    cpSync(path, to, { recursive: true, dereference: true });
  }
}

async function runIn(cwd, command) {
  const result = await runShell(command, { cwd });
  if (result.status !== 0)
    throw new Failure(`${tail(result.output)}\n\nThe Dockerfile's step failed: ${command}`);
}

export function assertImageSize(app) {
  const megabytes = sizeOf(app) / 1_000_000 + BASE_MB;
  assert.ok(megabytes < LARGEST_MB, `the image would have ${megabytes.toFixed(0)} MB`);
  return megabytes;
}

/** Every package that the program imports, and what those need, is there; and nothing else. */
export function assertExactPackages(app) {
  const needed = new Set();
  const visit = (name) => {
    if (needed.has(name)) return;
    needed.add(name);
    const manifest = JSON.parse(readFileSync(join(app, "node_modules", name, "package.json"), "utf8"));
    for (const each of Object.keys(manifest.dependencies ?? {})) visit(each);
  };
  const { dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  for (const name of importedBy(join(app, "dist"))) if (dependencies[name] !== undefined) visit(name);
  assert.deepEqual(packagesIn(join(app, "node_modules")), [...needed].sort());
  return needed.size;
}

function importedBy(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
  const names = files.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
      ([, id]) => id,
    ),
  );
  const outside = names.filter((id) => /^[@a-z]/.test(id) && !isBuiltin(id));
  return new Set(outside.map((id) => id.split("/", id.startsWith("@") ? 2 : 1).join("/")));
}

function packagesIn(folder) {
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  return names
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(folder, name)).map((each) => `${name}/${each}`) : [name],
    )
    .sort();
}

/** Whether anybody may write in it: in the image it is root's, and the program runs as another user. */
export function setWritable(app, isWritable) {
  const write = isWritable ? 0o200 : 0;
  const entries = readdirSync(app, { recursive: true, withFileTypes: true });
  chmodSync(app, 0o555 | write);
  for (const entry of entries) {
    const mode = entry.isDirectory() ? 0o555 : 0o444;
    chmodSync(join(entry.parentPath, entry.name), mode | write);
  }
}
