/** A memory that WebAssembly code works on; growing replaces `buffer`. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 65,536 bytes. */
  grow(pages: number): number;
}

/** The part of the JavaScript API of WebAssembly that the kernel needs; ES2023's types leave it out. */
export interface WasmApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
}

/** The runtime's WebAssembly; `undefined` where it is switched off, as `--jitless` does. */
export function findWasm(): WasmApi | undefined {
  // SAFETY: the standard fixes this global's shape (WebAssembly JavaScript Interface); it may be absent.
  return (globalThis as { readonly WebAssembly?: WasmApi }).WebAssembly;
}
