import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { VectorFilter, VectorSlot } from "../../../lib/storage/sqlite/vector-filter.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Builds dist/kernel/scan.wasm where it is not built; returns what the script had to say. */
export function buildKernel(): string {
  return execFileSync(process.execPath, ["scripts/build-kernel.mjs"], { cwd: ROOT, encoding: "utf8" });
}

/** Numbers from −1 to 1 that depend on the seed alone. */
function numbersFrom(seed: number): () => number {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state ^ (state >>> 13)) / 2 ** 31;
  };
}

export function vectorFrom(seed: number, dimensions: number): Float32Array {
  const next = numbersFrom(seed);
  return Float32Array.from({ length: dimensions }, next);
}

/** A vector near the centre of its cluster, as texts on one subject are. */
export function clusteredVector(seed: number, clusters: number, dimensions: number): Float32Array {
  const centre = vectorFrom(1_000_000 + (seed % clusters), dimensions);
  const own = vectorFrom(2_000_000 + seed, dimensions);
  return centre.map((component, at) => component + 0.8 * (own[at] ?? 0));
}

export function slotOf(id: number, facts: Partial<VectorSlot> = {}): VectorSlot {
  return { id, project: 0, kind: 0, type: 0, state: 0, atMs: 0, ...facts };
}

/** The row that SQLite would hand over. */
export function rowOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer.slice(vector.byteOffset, vector.byteOffset + vector.byteLength));
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, squareA, squareB] = [0, 0, 0];
  a.forEach((x, at) => {
    const y = b[at] ?? 0;
    dot += x * y;
    squareA += x * x;
    squareB += y * y;
  });
  return dot / Math.sqrt(squareA * squareB);
}

/** The filter's meaning, written down once more. */
export function isWanted(slot: VectorSlot, filter: VectorFilter): boolean {
  return (
    (filter.projects?.includes(slot.project) ?? true) &&
    (filter.kinds?.includes(slot.kind) ?? true) &&
    (filter.types?.includes(slot.type) ?? true) &&
    (slot.state === 0 || filter.includeHidden === true) &&
    slot.atMs >= (filter.after ?? Number.NEGATIVE_INFINITY) &&
    slot.atMs < (filter.before ?? Number.POSITIVE_INFINITY)
  );
}
