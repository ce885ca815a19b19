/** Which runtime executes the model: `auto` takes the native one where it is installed. */
export type RuntimeChoice = "auto" | "wasm" | "native";

/** What the model's process is started with: its first message. */
export interface ModelSetup {
  /** Folder of model.int8.onnx and tokenizer.json. */
  readonly modelFolder: string;
  /** Folder of the WebAssembly runtime. */
  readonly runtimeFolder: string;
  /** The package's folder: an installed native runtime is looked for from here. */
  readonly packageFolder: string;
  readonly runtime: RuntimeChoice;
  /** Threads that one run may use. */
  readonly threads: number;
}

/** To the process: one text to embed; there is never more than one under way. */
export interface TextMessage {
  readonly text: string;
}

/** From the process: first `ready` or `failed`, then one `vector` or `refused` a text. */
export type ModelMessage =
  | { readonly kind: "ready"; readonly runtime: "wasm" | "native" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "vector"; readonly vector: Float32Array }
  | { readonly kind: "refused"; readonly reason: string };
