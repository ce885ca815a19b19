import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ScanEngine } from "./vector-engine.ts";
import type { VectorLayout } from "./vector-layout.ts";
import { type GrowableBytes, VectorMemory } from "./vector-memory.ts";
import { findWasm, type WasmMemory } from "./vector-wasm.ts";

/** The compiled kernel (kernel/scan.ts). */
export interface Kernel {
  /** A new memory, at most 4 GiB, and the kernel's functions over it. */
  open(initialBytes: number): { readonly memory: WasmMemory; readonly functions: KernelFunctions };
}

interface KernelFunctions {
  rotate(
    vector: number,
    firstSigns: number,
    order: number,
    secondSigns: number,
    work: number,
    out: number,
    size: number,
  ): void;
  signs(rotated: number, size: number, code: number): void;
  scan(
    pages: number,
    pageBytes: number,
    slots: number,
    codeBytes: number,
    table: number,
    filter: number,
    sums: number,
    heap: number,
    count: number,
  ): number;
  matching(pages: number, pageBytes: number, slots: number, codeBytes: number, filter: number): number;
  cosines(query: number, norm: number, rows: number, floats: number, count: number, out: number): void;
  sumBytes(at: number, bytes: number): bigint;
}

const WASM_PAGE_BYTES = 65_536;
const MAX_WASM_PAGES = 65_536;

let loaded: Kernel | undefined | null = null;

/**
 * The kernel of this installation, compiled once a process; `undefined` where it was not built or where this
 * runtime has no WebAssembly SIMD (`--jitless`, processors without 128-bit SIMD).
 */
export function loadKernel(): Kernel | undefined {
  if (loaded === null) loaded = readKernel(kernelPath(dirname(fileURLToPath(import.meta.url))));
  return loaded;
}

/**
 * The kernel in that file, or `undefined` where the file is absent or this runtime cannot compile it.
 */
export function readKernel(path: string | undefined): Kernel | undefined {
  const wasm = findWasm();
  if (path === undefined || wasm === undefined || !existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  if (!wasm.validate(bytes)) return undefined;
  const module = new wasm.Module(bytes);
  return {
    open(initialBytes) {
      const initial = Math.ceil(initialBytes / WASM_PAGE_BYTES);
      const memory = new wasm.Memory({ initial, maximum: MAX_WASM_PAGES });
      const { exports } = new wasm.Instance(module, { env: { memory } });
      // SAFETY: the file is compiled from kernel/scan.ts, which exports exactly these functions.
      return { memory, functions: exports as KernelFunctions };
    },
  };
}

/**
 * `dist/kernel/scan.wasm` of the package that holds `folder`; the same for sources (lib/) and for what is
 * built from them (dist/lib/). `undefined` outside any aiknowsys package.
 */
export function kernelPath(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (existsSync(manifest) && nameOf(manifest) === "aiknowsys")
      return join(at, "dist", "kernel", "scan.wasm");
    if (dirname(at) === at) return undefined;
  }
}

/** The engine that scans with WebAssembly SIMD. */
export function openKernelEngine(kernel: Kernel, layout: VectorLayout): ScanEngine {
  const opened = kernel.open(0);
  const { functions } = opened;
  const memory = new VectorMemory(layout, growable(opened.memory));
  const { pages, pageBytes, codeBytes, table, filter, sums, heap, query, rows, cosines } = layout;
  const { firstSigns, order, secondSigns, work, rotated, paddedDimensions } = layout;
  return {
    name: "simd",
    memory,
    rotate: () => functions.rotate(query, firstSigns, order, secondSigns, work, rotated, paddedDimensions),
    encode: () => functions.signs(rotated, paddedDimensions, layout.code),
    scan: (slots, count) =>
      functions.scan(pages, pageBytes, slots, codeBytes, table, filter, sums, heap, count),
    matching: (slots) => functions.matching(pages, pageBytes, slots, codeBytes, filter),
    cosines: (count, norm) => functions.cosines(query, norm, rows, paddedDimensions, count, cosines),
  };
}

/**
 * A function that reads `bytes` of memory once with the kernel and returns their sum: the time it takes is the
 * floor of every scan over so many bytes. `undefined` without a kernel.
 */
export function openMemoryFloor(bytes: number): (() => bigint) | undefined {
  const kernel = loadKernel();
  if (kernel === undefined) return undefined;
  const whole = Math.ceil(bytes / 64) * 64;
  const { memory, functions } = kernel.open(whole);
  new Uint8Array(memory.buffer).fill(1); // pages never written to are not backed by memory and would read too fast
  return () => functions.sumBytes(0, whole);
}

function growable(memory: WasmMemory): GrowableBytes {
  return {
    get buffer() {
      return memory.buffer;
    },
    grow(bytes) {
      const missing = Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE_BYTES);
      if (missing > 0) memory.grow(missing);
    },
  };
}

function nameOf(manifest: string): unknown {
  try {
    const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof parsed === "object" && parsed !== null && "name" in parsed ? parsed.name : undefined;
  } catch {
    return undefined; // a damaged manifest on the way up is somebody else's
  }
}
