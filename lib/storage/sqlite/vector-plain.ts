import type { ScanEngine } from "./vector-engine.ts";
import { BLOCK_SLOTS, HADAMARD_SIZE, PAGE_SLOTS, type VectorLayout } from "./vector-layout.ts";
import { type GrowableBytes, VectorMemory } from "./vector-memory.ts";

/** As in kernel/scan.ts: a heap key is score × 2³² + (2³² − 1 − id). */
const KEY_SHIFT = 2 ** 32;

/** The engine for runtimes without WebAssembly SIMD: the algorithm of kernel/scan.ts, with the same answers. */
export function openPlainEngine(layout: VectorLayout): ScanEngine {
  const memory = new VectorMemory(layout, growable());
  return {
    name: "plain",
    memory,
    rotate: () => rotate(memory),
    encode: () => encode(memory),
    scan: (slots, count) => scan(memory, slots, count),
    matching: (slots) => matching(memory, slots),
    cosines: (count, norm) => cosines(memory, count, norm),
  };
}

function rotate({ layout, f32, u32 }: VectorMemory): void {
  const floats = (at: number) => f32.subarray(at / 4, at / 4 + layout.paddedDimensions);
  const [query, work, rotated] = [floats(layout.query), floats(layout.work), floats(layout.rotated)];
  const [firstSigns, secondSigns] = [floats(layout.firstSigns), floats(layout.secondSigns)];
  for (let at = 0; at < work.length; at++) work[at] = (query[at] ?? 0) * (firstSigns[at] ?? 0);
  hadamard(work);
  for (let at = 0; at < work.length; at++) {
    rotated[at] = (work[u32[layout.order / 4 + at] ?? 0] ?? 0) * (secondSigns[at] ?? 0);
  }
  hadamard(rotated);
}

function encode({ layout, f32, u8 }: VectorMemory): void {
  for (let byte = 0; byte < layout.codeBytes; byte++) {
    const first = layout.rotated / 4 + byte * 8;
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) bits |= Number((f32[first + bit] ?? 0) >= 0) << bit;
    u8[layout.code + byte] = bits;
  }
}

/** The unnormalised Walsh–Hadamard transform of each 128 values, in place. */
function hadamard(values: Float32Array): void {
  for (let half = 1; half < HADAMARD_SIZE; half *= 2) {
    for (let group = 0; group < values.length; group += 2 * half) {
      for (let at = group; at < group + half; at++) {
        const a = values[at] ?? 0;
        const b = values[at + half] ?? 0;
        values[at] = a + b;
        values[at + half] = a - b;
      }
    }
  }
}

function scan(memory: VectorMemory, slots: number, count: number): number {
  const { layout, u8, u32 } = memory;
  const heap = memory.f64.subarray(layout.heap / 8, layout.heap / 8 + count).fill(-1);
  const table = byteTable(memory);
  const passes = slotTest(memory);
  const sums = new Uint16Array(BLOCK_SLOTS);
  let limit = -1;
  for (let slot = 0; slot < slots; slot += BLOCK_SLOTS) {
    const page = layout.pages + Math.floor(slot / PAGE_SLOTS) * layout.pageBytes;
    addBlock(u8, page + (slot % PAGE_SLOTS) * layout.codeBytes, layout.codeBytes, table, sums);
    for (let lane = 0; lane < BLOCK_SLOTS && slot + lane < slots; lane++) {
      const score = sums[lane] ?? 0;
      if (score < limit || !passes(slot + lane)) continue;
      const id = u32[(page + PAGE_SLOTS * (layout.codeBytes + 8)) / 4 + ((slot + lane) % PAGE_SLOTS)] ?? 0;
      const key = score * KEY_SHIFT + (KEY_SHIFT - 1 - id);
      if (key <= (heap[0] ?? 0)) continue;
      replaceLeast(heap, key);
      limit = Math.floor((heap[0] ?? 0) / KEY_SHIFT);
    }
  }
  return heap.reduce((held, key) => (key >= 0 ? held + 1 : held), 0);
}

function matching(memory: VectorMemory, slots: number): number {
  const passes = slotTest(memory);
  let found = 0;
  for (let slot = 0; slot < slots; slot++) if (passes(slot)) found += 1;
  return found;
}

function cosines(memory: VectorMemory, count: number, norm: number): void {
  const { layout, f32, f64 } = memory;
  const query = layout.query / 4;
  for (let row = 0; row < count; row++) {
    const first = layout.rows / 4 + row * layout.paddedDimensions;
    let dot = 0;
    let square = 0;
    for (let at = 0; at < layout.dimensions; at++) {
      const y = f32[first + at] ?? 0;
      dot += (f32[query + at] ?? 0) * y;
      square += y * y;
    }
    f64[layout.cosines / 8 + row] = dot / (norm * Math.sqrt(square));
  }
}

/** The lookup table by whole bytes: 256 sums for each byte of a code, half the lookups of the nibble table. */
function byteTable({ layout, u8 }: VectorMemory): Uint8Array {
  const table = new Uint8Array(layout.codeBytes * 256);
  for (let byte = 0; byte < layout.codeBytes; byte++) {
    const low = layout.table + byte * 32;
    for (let value = 0; value < 256; value++) {
      table[byte * 256 + value] = (u8[low + (value & 15)] ?? 0) + (u8[low + 16 + (value >> 4)] ?? 0);
    }
  }
  return table;
}

function addBlock(
  u8: Uint8Array,
  block: number,
  codeBytes: number,
  table: Uint8Array,
  sums: Uint16Array,
): void {
  for (let lane = 0; lane < BLOCK_SLOTS; lane++) {
    let sum = 0;
    for (let byte = 0, at = block + lane; byte < codeBytes; byte++, at += BLOCK_SLOTS) {
      sum += table[byte * 256 + (u8[at] ?? 0)] ?? 0;
    }
    sums[lane] = sum;
  }
}

/** The filter record as a test of one slot. */
function slotTest({ layout, u8, u32, f64 }: VectorMemory): (slot: number) => boolean {
  const after = f64[layout.filter / 8] ?? 0;
  const before = f64[layout.filter / 8 + 1] ?? 0;
  const [highestState = 0, projects = 0] = u32.subarray(layout.filter / 4 + 4, layout.filter / 4 + 6);
  const kinds = layout.filter + 32;
  const types = kinds + 16;
  return (slot) => {
    const page =
      layout.pages + Math.floor(slot / PAGE_SLOTS) * layout.pageBytes + PAGE_SLOTS * layout.codeBytes;
    const inPage = slot % PAGE_SLOTS;
    const meta = u32[(page + PAGE_SLOTS * 12) / 4 + inPage] ?? 0;
    if (meta >>> 24 > highestState) return false;
    if (u8[kinds + ((meta >>> 16) & 15)] === 0 || u8[types + ((meta >>> 20) & 15)] === 0) return false;
    if (projects !== 0 && (((u8[projects + ((meta & 0xffff) >> 3)] ?? 0) >> (meta & 7)) & 1) === 0)
      return false;
    const date = f64[page / 8 + inPage] ?? 0;
    return date >= after && date < before;
  };
}

/** Puts a key in the place of the least one of a binary heap. */
function replaceLeast(heap: Float64Array, key: number): void {
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
    if ((heap[child] ?? 0) >= key) break;
    heap[hole] = heap[child] ?? 0;
    hole = child;
  }
  heap[hole] = key;
}

function growable(): GrowableBytes {
  let buffer = new ArrayBuffer(0);
  return {
    get buffer() {
      return buffer;
    },
    grow(bytes) {
      if (bytes <= buffer.byteLength) return;
      const longer = new Uint8Array(Math.ceil(bytes / 8) * 8);
      longer.set(new Uint8Array(buffer));
      buffer = longer.buffer;
    },
  };
}
