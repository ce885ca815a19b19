import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeLicence } from "./notices.mjs";

const LOADER = "ort.node.min.mjs";
const VERBATIM = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs"];

/** Copies what the WebAssembly runtime needs at run time, so that it works where no node_modules is. */
export function copyRuntime(modules, target) {
  const web = join(modules, "onnxruntime-web");
  mkdirSync(target, { recursive: true });
  for (const file of VERBATIM) copyFileSync(join(web, "dist", file), join(target, file));
  copyCommon(join(modules, "onnxruntime-common", "dist", "esm"), join(target, "common"));
  writeFileSync(join(target, LOADER), withRelativeImports(readFileSync(join(web, "dist", LOADER), "utf8")));
  writeFileSync(join(target, "LICENSE"), runtimeLicence(runtimeVersion(modules)));
}

/** The version of the installed runtime. */
export function runtimeVersion(modules) {
  return JSON.parse(readFileSync(join(modules, "onnxruntime-web", "package.json"), "utf8")).version;
}

function copyCommon(from, to) {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).sort()) {
    if (file.endsWith(".js")) {
      // The maps the last line points to stay behind.
      const source = readFileSync(join(from, file), "utf8").replace(/^\/\/# sourceMappingURL=.*\n?/m, "");
      writeFileSync(join(to, file), source);
    }
  }
  writeFileSync(join(to, "package.json"), `{ "type": "module" }\n`);
}

function withRelativeImports(source) {
  const changed = source
    .replaceAll('from"onnxruntime-common"', 'from"./common/index.js"')
    .replace(/\/\/# sourceMappingURL=.*\n?/, "");
  if (!changed.includes("./common/index.js") || changed.includes('"onnxruntime-common"')) {
    throw new Error(`${LOADER} imports onnxruntime-common in a way this script does not know.`);
  }
  return changed;
}
