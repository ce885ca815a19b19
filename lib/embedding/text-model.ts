import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_SPACE } from "./model-identity.ts";
import type { ModelSetup } from "./model-messages.ts";
import { type LoadedRuntime, loadRuntime, type OnnxSession, type OnnxTensor } from "./onnx-runtime.ts";
import { unitVector } from "./unit-vector.ts";
import { wordPieceTokenizer } from "./word-piece.ts";

/** Tokens the model was trained to see; the rest of a text is not read. */
const MAX_TOKENS = 256;
const LOG_LEVEL = { name: "error", severity: 3 } as const;

export interface TextModel {
  readonly runtime: "wasm" | "native";
  /** The text's vector, of length 1. */
  vectorOf(text: string): Promise<Float32Array>;
}

/**
 * Loads model, tokenizer and runtime. Texts are run one at a time: activations are quantised over the whole input, so
 * that in a batch a text's vector would depend on its neighbours.
 */
export async function openTextModel(setup: ModelSetup): Promise<TextModel> {
  const runtime = await loadRuntime(setup);
  const session = await openSession(runtime, setup);
  const file = readFileSync(join(setup.modelFolder, "tokenizer.json"), "utf8");
  const tokenizer = wordPieceTokenizer(JSON.parse(file));
  return {
    runtime: runtime.kind,
    async vectorOf(text) {
      const inputs = modelInputs(runtime, tokenizer.encode(text, MAX_TOKENS));
      const { last_hidden_state: hidden } = await session.run(inputs);
      if (hidden === undefined) throw new Error("the model gave no output");
      return meanVector(hidden);
    },
  };
}

function openSession({ kind, onnx }: LoadedRuntime, setup: ModelSetup): Promise<OnnxSession> {
  onnx.env.logLevel = LOG_LEVEL.name;
  const path = join(setup.modelFolder, "model.int8.onnx");
  // Only WebAssembly has no files of its own and wants the bytes.
  const model = kind === "native" ? path : new Uint8Array(readFileSync(path));
  return onnx.InferenceSession.create(model, {
    graphOptimizationLevel: "all",
    logSeverityLevel: LOG_LEVEL.severity,
    ...(kind === "native"
      ? { intraOpNumThreads: setup.threads, interOpNumThreads: 1 }
      : { executionProviders: ["wasm"] }),
  });
}

function modelInputs({ onnx }: LoadedRuntime, ids: readonly number[]): Readonly<Record<string, unknown>> {
  const tensor = (values: BigInt64Array) => new onnx.Tensor("int64", values, [1, ids.length]);
  return {
    input_ids: tensor(BigInt64Array.from(ids, BigInt)),
    attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
    token_type_ids: tensor(new BigInt64Array(ids.length)),
  };
}

/** The mean over all tokens, scaled to length 1 (sentence-transformers' pooling for this model). */
function meanVector({ data }: OnnxTensor): Float32Array {
  const sums = new Float64Array(LOCAL_SPACE.dimensions);
  for (let at = 0; at < data.length; at++) {
    const dimension = at % sums.length;
    sums[dimension] = (sums[dimension] ?? 0) + (data[at] ?? 0);
  }
  const vector = unitVector(sums);
  if (vector === undefined) throw new Error("the model gave a vector without direction");
  return vector;
}
