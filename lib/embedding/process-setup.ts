import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { KnowledgeError } from "../domain/error.ts";
import { LOCAL_MODEL } from "./model-identity.ts";
import type { ModelSetup, RuntimeChoice } from "./model-messages.ts";
import { packageRoot } from "./package-root.ts";

const MAX_THREADS = 2;

export interface ProcessOptions {
  readonly runtime?: RuntimeChoice | undefined;
  /** Threads for one text; unless told, 2 where that many cores are free, else 1. */
  readonly threads?: number | undefined;
  /** Folder of the model; the one inside the package unless told. */
  readonly modelFolder?: string | undefined;
  /** Compiled module that runs as the process; ours unless told. */
  readonly processFile?: URL | undefined;
}

/**
 * What the model's process is started from and with.
 * Throws KnowledgeError `unavailable` when the model or its compiled process was not built.
 */
export function processSetup(options: ProcessOptions): { readonly file: URL; readonly setup: ModelSetup } {
  const root = packageRoot(import.meta.url);
  const modelFolder = options.modelFolder ?? join(root, "model", LOCAL_MODEL);
  const file = options.processFile ?? compiledProcess(root);
  requireBuilt(join(modelFolder, "model.int8.onnx"), "The embedding model", "npm run build:model");
  requireBuilt(fileURLToPath(file), "The embedding model's compiled process", "npm run build");
  const setup: ModelSetup = {
    modelFolder,
    runtimeFolder: join(root, "model", "runtime"),
    packageFolder: root,
    runtime: options.runtime ?? "auto",
    threads: options.threads ?? freeThreads(),
  };
  return { file, setup };
}

/** Beside this module once compiled; Node cannot run a source, so that sources take the one in dist. */
function compiledProcess(root: string): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./model-process.js", import.meta.url);
  return pathToFileURL(join(root, "dist", "lib", "embedding", "model-process.js"));
}

/**
 * The runtime's threads spin while they wait for each other: on two free cores two are 1.4 times as fast as one, on
 * two busy ones three times as slow. Windows reports no load, which reads as free.
 */
function freeThreads(): number {
  const free = Math.round(availableParallelism() - (loadavg()[0] ?? 0));
  return Math.max(1, Math.min(MAX_THREADS, free));
}

function requireBuilt(path: string, what: string, command: string): void {
  if (existsSync(path)) return;
  throw new KnowledgeError("unavailable", `${what} is missing: there is no file ${path}.`, {
    hint: `In a checkout run ${command}; an installed package is installed again.`,
  });
}
