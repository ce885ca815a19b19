// Compiles lib/storage/sqlite/kernel/scan.ts to dist/kernel/scan.wasm with AssemblyScript.
// Idempotent: nothing happens while source, settings, compiler and result are those of the last build. Safe to run twice at once.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCE = "lib/storage/sqlite/kernel/scan.ts";
const TARGET = join(ROOT, "dist", "kernel", "scan.wasm");
const STAMP = join(ROOT, ".cache", "kernel.json");
const SETTINGS = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--enable",
  "simd",
  "--use",
  "abort=",
];

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main() {
  const recipe = recipeOf();
  if (isBuilt(recipe)) return;
  const started = performance.now();
  const wasm = await compile();
  putInPlace(TARGET, wasm);
  putInPlace(STAMP, `${JSON.stringify({ recipe, wasm: sha256(wasm) })}\n`);
  console.error(
    `dist/kernel/scan.wasm built in ${Math.round(performance.now() - started)} ms (${wasm.length} bytes).`,
  );
}

/** What decides the result: source, settings and the compiler's version. */
function recipeOf() {
  const compiler = JSON.parse(
    readFileSync(join(ROOT, "node_modules", "assemblyscript", "package.json"), "utf8"),
  ).version;
  return sha256(JSON.stringify([readFileSync(join(ROOT, SOURCE), "utf8"), SETTINGS, compiler]));
}

function isBuilt(recipe) {
  if (!existsSync(TARGET) || !existsSync(STAMP)) return false;
  try {
    const stamp = JSON.parse(readFileSync(STAMP, "utf8"));
    return stamp.recipe === recipe && stamp.wasm === sha256(readFileSync(TARGET));
  } catch {
    return false; // a damaged stamp is as good as none
  }
}

async function compile() {
  const { default: asc } = await import("assemblyscript/asc");
  let wasm;
  const files = {
    readFile: (name, base) => (existsSync(join(base, name)) ? readFileSync(join(base, name), "utf8") : null),
    writeFile: (_name, contents) => {
      wasm = contents;
    },
    listFiles: () => [],
  };
  const { error, stderr } = await asc.main(
    [SOURCE, "--outFile", "scan.wasm", "--baseDir", ROOT, ...SETTINGS],
    files,
  );
  if (error || wasm === undefined)
    throw new Error(`The vector kernel does not compile: ${error?.message ?? ""}\n${stderr.toString()}`);
  return Buffer.from(wasm);
}

function putInPlace(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function sha256(contents) {
  return createHash("sha256").update(contents).digest("hex");
}
