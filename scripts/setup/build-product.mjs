// Sources → dist, model and kernel. Quick when nothing changed, and everything it says goes to stderr.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flatten } from "./flatten.mjs";
import { alone } from "./lock.mjs";
import { haveWhatWeNeed } from "./needs.mjs";
import { CACHE, CLI, DIST, ROOT } from "./paths.mjs";
import { Failure, runNode, tail } from "./run.mjs";
import { hashOfInputs, isCompiled, sweepDist } from "./sources.mjs";

const STAMP = join(CACHE, "build.stamp");
const MEMORY_OF_TSC = join(CACHE, "tsconfig.build.tsbuildinfo");
const MADE_BY_OTHERS = [
  join(ROOT, "model", "all-MiniLM-L6-v2", "model.int8.onnx"),
  join(DIST, "kernel", "scan.wasm"),
];

/** Installs what is missing and builds what is out of date. Throws a `Failure` when that cannot be done. */
export function setUp() {
  return alone(async () => {
    await haveWhatWeNeed();
    await buildWhatChanged();
  });
}

async function buildWhatChanged() {
  const inputs = hashOfInputs();
  if (isUpToDate(inputs)) return;
  rmSync(STAMP, { force: true });
  await step("Preparing the embedding model", ["scripts/build-model.mjs"]);
  await step("Compiling the vector kernel", ["scripts/build-kernel.mjs"]);
  // tsc trusts its memory and writes nothing for a source it saw before, even where dist was deleted since.
  if (!isCompiled()) rmSync(MEMORY_OF_TSC, { force: true });
  await step("Compiling the sources", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  sweepDist();
  await flatten();
  if (existsSync(CLI)) chmodSync(CLI, 0o755);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(STAMP, inputs);
}

function isUpToDate(inputs) {
  const last = existsSync(STAMP) ? readFileSync(STAMP, "utf8") : undefined;
  return last === inputs && isCompiled() && MADE_BY_OTHERS.every((file) => existsSync(file));
}

async function step(title, args) {
  const started = Date.now();
  const result = await runNode(args);
  if (result.status !== 0)
    throw new Failure(`${tail(result.output, 60)}\n\n${title} failed (the reason is above).`);
  const took = Date.now() - started;
  if (took > 500) console.error(`${title}: ${(took / 1000).toFixed(1)} s.`);
}
