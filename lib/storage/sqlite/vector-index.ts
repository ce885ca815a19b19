import { KnowledgeError } from "../../domain/error.ts";
import { requireNorm } from "../neutral/fitting-vector.ts";
import { writeLookupTable } from "./vector-code.ts";
import type { ScanEngine } from "./vector-engine.ts";
import { packSlot, type VectorFilter, type VectorSlot, writeFilter } from "./vector-filter.ts";
import { loadKernel, openKernelEngine } from "./vector-kernel.ts";
import { layoutFor, MAX_CANDIDATES, ROW_BATCH, type VectorLayout } from "./vector-layout.ts";
import { REMOVED_STATE, roundedToBlock, type SlotFacts } from "./vector-memory.ts";
import { openPlainEngine } from "./vector-plain.ts";
import { writeRotation } from "./vector-rotation.ts";
import { parseSegment, renderSegment } from "./vector-segment.ts";
import { SlotTable } from "./vector-slots.ts";

const MAX_DIMENSIONS = 4_096;
const KEY_SHIFT = 2 ** 32;

export interface VectorIndexOptions {
  /** Dimensions of the space, 1 to 4,096. */
  readonly dimensions: number;
  /** Slots to make room for at once. */
  readonly capacity?: number | undefined;
  /** Scan in JavaScript even where WebAssembly SIMD is to be had. Default false. */
  readonly plain?: boolean | undefined;
}

/**
 * One-bit codes of the vectors of one space in this process's memory, 64 bytes a slot at 384 dimensions: a
 * derived cache, rebuilt from rows or sealed segments at any time. It proposes candidates; their order is
 * settled by {@link rescore} from the float32 rows. It knows no SQL.
 *
 * A slot is never used twice while the index lives, so a range that was sealed stays as it was but for removals;
 * when `size` is far above `live`, build a new index.
 */
export class VectorIndex {
  readonly #layout: VectorLayout;
  readonly #engine: ScanEngine;
  readonly #slots = new SlotTable();
  #size = 0;

  /** @throws KnowledgeError `invalid_input` for dimensions outside 1 to 4,096. */
  constructor(options: VectorIndexOptions) {
    const { dimensions, capacity = 0, plain = false } = options;
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw new KnowledgeError("invalid_input", `Vectors of ${dimensions} dimensions cannot be indexed.`, {
        field: "dimensions",
        hint: `Choose a model with 1 to ${MAX_DIMENSIONS} dimensions.`,
      });
    }
    this.#layout = layoutFor(dimensions);
    const kernel = plain ? undefined : loadKernel();
    this.#engine =
      kernel === undefined ? openPlainEngine(this.#layout) : openKernelEngine(kernel, this.#layout);
    writeRotation(this.#engine.memory);
    this.#engine.memory.reserve(capacity);
  }

  /** What scans: WebAssembly SIMD, or JavaScript with the same answers. */
  get engine(): "simd" | "plain" {
    return this.#engine.name;
  }

  /** Slots in use, removed ones and up to 15 skipped before each segment too: the end of what can be sealed. */
  get size(): number {
    return this.#size;
  }

  /** Chunks in the index: what was added and not removed. */
  get live(): number {
    return this.#slots.count;
  }

  /** Bytes of a code: one bit a dimension, dimensions rounded up to a multiple of 128. */
  get codeBytes(): number {
    return this.#layout.codeBytes;
  }

  /**
   * The code that is stored beside the row.
   * @throws KnowledgeError `invalid_input` for a wrong number of dimensions, NaN, infinity or the zero vector.
   */
  encode(vector: Float32Array): Uint8Array {
    this.#rotated(vector);
    this.#engine.encode();
    const { code, codeBytes } = this.#layout;
    return this.#engine.memory.u8.slice(code, code + codeBytes);
  }

  /**
   * Adds a chunk, or replaces what was known of it; the memory grows as needed.
   * @throws KnowledgeError `invalid_input` for a number outside its range or a code of another length.
   */
  add(slot: VectorSlot, code: Uint8Array): void {
    const facts = packSlot(slot);
    if (code.length !== this.#layout.codeBytes) {
      throw new KnowledgeError(
        "invalid_input",
        `The code of chunk ${slot.id} has ${code.length} bytes, not ${this.#layout.codeBytes}.`,
        { hint: "Encode the vector again: it was made for other dimensions." },
      );
    }
    this.#engine.memory.reserve(this.#size + 1);
    this.#engine.memory.write(this.#size, facts, code);
    this.#occupy(slot.id);
  }

  /**
   * Adds all slots of a sealed segment.
   * @throws KnowledgeError `corrupt` for a damaged one or one of another space; the index is then as before.
   */
  loadSegment(bytes: Uint8Array): void {
    const { dimensions, codeBytes } = this.#layout;
    const segment = parseSegment(bytes, dimensions, codeBytes);
    const start = roundedToBlock(this.#size);
    this.#engine.memory.reserve(start + segment.ids.length);
    for (; this.#size < start; this.#size++) this.#engine.memory.markRemoved(this.#size);
    this.#engine.memory.writeMany(start, segment);
    this.#slots.reserve(this.live + segment.ids.length);
    for (const id of segment.ids) this.#occupy(id);
  }

  /** What the slots from `fromSlot` to before `toSlot` hold, without removed ones, as one blob. */
  sealSegment(fromSlot: number, toSlot: number): Uint8Array {
    const { memory } = this.#engine;
    const { dimensions, codeBytes } = this.#layout;
    const kept: { readonly slot: number; readonly facts: SlotFacts }[] = [];
    for (let slot = Math.max(0, fromSlot); slot < Math.min(toSlot, this.#size); slot++) {
      const facts = memory.readFacts(slot);
      if (facts.meta >>> 24 !== REMOVED_STATE) kept.push({ slot, facts });
    }
    const codes = new Uint8Array(roundedToBlock(kept.length) * codeBytes);
    kept.forEach(({ slot }, at) => {
      memory.readCode(slot, codes, at);
    });
    const ids = Uint32Array.from(kept, ({ facts }) => facts.id);
    const meta = Uint32Array.from(kept, ({ facts }) => facts.meta);
    const dates = Float64Array.from(kept, ({ facts }) => facts.atMs);
    return renderSegment({ ids, meta, dates, codes }, dimensions);
  }

  /** Takes a chunk out; `false` when it was not in. */
  remove(id: number): boolean {
    const slot = this.#slots.find(id);
    if (slot === undefined) return false;
    this.#engine.memory.markRemoved(slot);
    this.#slots.delete(id);
    return true;
  }

  has(id: number): boolean {
    return this.#slots.find(id) !== undefined;
  }

  /**
   * Ids of the `count` chunks that pass the filter and whose codes are nearest to the query, nearest first, equal
   * ones by ascending id; all that pass when they are no more than `count`. At most 65,536.
   * @throws KnowledgeError `invalid_input` for a query without direction and for numbers outside their range.
   */
  scan(query: Float32Array, count: number, filter: VectorFilter = {}): Uint32Array {
    const { memory } = this.#engine;
    const wanted = Math.min(requireCount(count), this.#size);
    const { table, paddedDimensions, heap } = this.#layout;
    writeLookupTable(this.#rotated(query), memory.u8.subarray(table, table + paddedDimensions * 4));
    writeFilter(memory, filter);
    if (wanted === 0) return new Uint32Array(0);
    const held = this.#engine.scan(this.#size, wanted);
    const keys = memory.f64.slice(heap / 8, heap / 8 + wanted).sort();
    return idsBestFirst(keys.subarray(wanted - held));
  }

  /** How many chunks pass the filter; decides, with `candidatesFor`, how many to ask of {@link scan}. */
  matching(filter: VectorFilter = {}): number {
    writeFilter(this.#engine.memory, filter);
    return this.#engine.matching(this.#size);
  }

  /**
   * The exact cosine of the query with each row (float32, little-endian, dimensions × 4 bytes), in their order.
   * @throws KnowledgeError `invalid_input` for a query without direction, `corrupt` for a row of another length
   * or without direction.
   */
  rescore(query: Float32Array, rows: readonly Uint8Array[]): Float32Array {
    const { memory } = this.#engine;
    const { dimensions, cosines } = this.#layout;
    const norm = requireNorm(query, dimensions);
    memory.f32.set(query, this.#layout.query / 4);
    const similarities = new Float32Array(rows.length);
    for (let first = 0; first < rows.length; first += ROW_BATCH) {
      const batch = rows.slice(first, first + ROW_BATCH);
      this.#writeRows(batch);
      this.#engine.cosines(batch.length, norm);
      similarities.set(memory.f64.subarray(cosines / 8, cosines / 8 + batch.length), first);
    }
    if (similarities.some(Number.isNaN)) throw damagedRow("holds no direction");
    return similarities;
  }

  /** The rotated vector, of unit length but for a constant factor; overwritten by the next call. */
  #rotated(vector: Float32Array): Float32Array {
    const { dimensions, paddedDimensions, query, rotated } = this.#layout;
    const scale = 1 / requireNorm(vector, dimensions);
    const { f32 } = this.#engine.memory;
    for (let at = 0; at < dimensions; at++) f32[query / 4 + at] = (vector[at] ?? 0) * scale;
    this.#engine.rotate();
    return f32.subarray(rotated / 4, rotated / 4 + paddedDimensions);
  }

  /** Makes the next slot the one of this chunk; what it had before is removed. */
  #occupy(id: number): void {
    const known = this.#slots.find(id);
    if (known !== undefined) this.#engine.memory.markRemoved(known);
    this.#slots.set(id, this.#size);
    this.#size += 1;
  }

  #writeRows(rows: readonly Uint8Array[]): void {
    const { dimensions, paddedDimensions } = this.#layout;
    rows.forEach((row, at) => {
      if (row.length !== dimensions * 4) throw damagedRow(`has ${row.length} bytes, not ${dimensions * 4}`);
      this.#engine.memory.u8.set(row, this.#layout.rows + at * paddedDimensions * 4);
    });
  }
}

function requireCount(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= MAX_CANDIDATES) return count;
  throw new KnowledgeError("invalid_input", `A scan cannot return ${count} candidates.`, {
    field: "count",
    hint: `Ask for 0 to ${MAX_CANDIDATES}.`,
  });
}

/** The ids in heap keys that are sorted upwards. */
function idsBestFirst(keys: Float64Array): Uint32Array {
  return Uint32Array.from(keys, (key) => KEY_SHIFT - 1 - (key % KEY_SHIFT)).reverse();
}

function damagedRow(what: string): KnowledgeError {
  return new KnowledgeError("corrupt", `A stored vector ${what}.`, {
    hint: "Run `aiknowsys doctor --fix`: it embeds the text again.",
  });
}
