import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ModelSetup, RuntimeChoice } from "./model-messages.ts";

export interface OnnxTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  run(inputs: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, OnnxTensor | undefined>>>;
}

/** The part of ONNX Runtime's interface that both its packages share and we use. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(modelFile: string | Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => unknown;
  readonly env: { logLevel: string; wasm: { numThreads?: number } };
}

export interface LoadedRuntime {
  readonly kind: "wasm" | "native";
  readonly onnx: OnnxRuntime;
}

/** Loads the chosen runtime. With `auto`, a native one that is absent or broken gives way to WebAssembly. */
export async function loadRuntime(setup: ModelSetup): Promise<LoadedRuntime> {
  if (setup.runtime !== "wasm") {
    const native = loadNative(setup.packageFolder, setup.runtime);
    if (native !== undefined) return { kind: "native", onnx: native };
  }
  return { kind: "wasm", onnx: await loadWasm(setup) };
}

function loadNative(packageFolder: string, choice: RuntimeChoice): OnnxRuntime | undefined {
  try {
    const requireFromPackage = createRequire(join(packageFolder, "package.json"));
    // SAFETY: the package's documented interface; a version that lacks it fails at its first use, with a sentence.
    return requireFromPackage("onnxruntime-node") as OnnxRuntime;
  } catch (error) {
    if (choice === "native") {
      throw new Error("onnxruntime-node is not installed or cannot be loaded here", { cause: error });
    }
    return undefined;
  }
}

async function loadWasm({ runtimeFolder, threads }: ModelSetup): Promise<OnnxRuntime> {
  const loader = pathToFileURL(join(runtimeFolder, "ort.node.min.mjs")).href;
  // SAFETY: the file is copied by our build from the version of the runtime that package-lock.json pins.
  const onnx = (await import(loader)) as OnnxRuntime;
  onnx.env.wasm.numThreads = threads;
  return onnx;
}
