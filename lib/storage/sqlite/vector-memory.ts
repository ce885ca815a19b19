import { BLOCK_SLOTS, PAGE_SLOTS, type VectorLayout } from "./vector-layout.ts";

/** A byte buffer that grows; growing may replace `buffer`. */
export interface GrowableBytes {
  readonly buffer: ArrayBufferLike;
  /** Makes `buffer` at least this long and keeps its contents. New bytes are 0. */
  grow(bytes: number): void;
}

/** State of a slot in its meta word; a removed slot is above every state that a filter lets through. */
export const REMOVED_STATE = 255;

/** What is known of a slot beside its code. `meta`: project, kind << 16, type << 20, state << 24. */
export interface SlotFacts {
  readonly id: number;
  readonly meta: number;
  readonly atMs: number;
}

/** Slots by column: number i has `ids[i]`, `meta[i]`, `dates[i]` and the i-th code. */
export interface SlotColumns {
  readonly ids: Uint32Array;
  readonly meta: Uint32Array;
  /** Milliseconds since 1970 UTC. */
  readonly dates: Float64Array;
  /** Codes in blocks of 16, interleaved byte by byte as in a page; the last block is filled up with zeros. */
  readonly codes: Uint8Array;
}

/** So many slots, rounded up to whole blocks. */
export function roundedToBlock(slots: number): number {
  return Math.ceil(slots / BLOCK_SLOTS) * BLOCK_SLOTS;
}

/** Slots in pages of linear memory, as {@link VectorLayout} describes; the engines scan the same bytes. */
export class VectorMemory {
  readonly layout: VectorLayout;
  readonly #bytes: GrowableBytes;
  #u8: Uint8Array;
  #u32: Uint32Array;
  #f32: Float32Array;
  #f64: Float64Array;

  constructor(layout: VectorLayout, bytes: GrowableBytes) {
    this.layout = layout;
    this.#bytes = bytes;
    bytes.grow(layout.pages);
    this.#u8 = new Uint8Array(bytes.buffer);
    this.#u32 = new Uint32Array(bytes.buffer);
    this.#f32 = new Float32Array(bytes.buffer);
    this.#f64 = new Float64Array(bytes.buffer);
  }

  get u8(): Uint8Array {
    return this.#u8;
  }
  get u32(): Uint32Array {
    return this.#u32;
  }
  get f32(): Float32Array {
    return this.#f32;
  }
  get f64(): Float64Array {
    return this.#f64;
  }

  /** Makes room for so many slots. */
  reserve(slots: number): void {
    const { pages, pageBytes } = this.layout;
    const bytes = pages + Math.ceil(slots / PAGE_SLOTS) * pageBytes;
    if (bytes <= this.#u8.length) return;
    this.#bytes.grow(bytes);
    this.#u8 = new Uint8Array(this.#bytes.buffer);
    this.#u32 = new Uint32Array(this.#bytes.buffer);
    this.#f32 = new Float32Array(this.#bytes.buffer);
    this.#f64 = new Float64Array(this.#bytes.buffer);
  }

  write(slot: number, facts: SlotFacts, code: Uint8Array): void {
    const bytes = this.#u8;
    const first = this.#codeAt(slot);
    for (let byte = 0; byte < code.length; byte++) bytes[first + byte * BLOCK_SLOTS] = code[byte] ?? 0;
    this.#f64[this.#dateAt(slot) / 8] = facts.atMs;
    this.#u32[this.#idAt(slot) / 4] = facts.id;
    this.#u32[this.#metaAt(slot) / 4] = facts.meta;
  }

  /** Writes slots one after the other, from `slot` on, which begins a block. */
  writeMany(slot: number, { ids, meta, dates, codes }: SlotColumns): void {
    const { codeBytes } = this.layout;
    for (let done = 0, end = 0; done < ids.length; done = end) {
      const first = slot + done;
      end = Math.min(ids.length, done + PAGE_SLOTS - (first % PAGE_SLOTS));
      this.#f64.set(dates.subarray(done, end), this.#dateAt(first) / 8);
      this.#u32.set(ids.subarray(done, end), this.#idAt(first) / 4);
      this.#u32.set(meta.subarray(done, end), this.#metaAt(first) / 4);
      this.#u8.set(codes.subarray(done * codeBytes, roundedToBlock(end) * codeBytes), this.#codeAt(first));
    }
  }

  readFacts(slot: number): SlotFacts {
    return {
      id: this.#u32[this.#idAt(slot) / 4] ?? 0,
      meta: this.#u32[this.#metaAt(slot) / 4] ?? 0,
      atMs: this.#f64[this.#dateAt(slot) / 8] ?? 0,
    };
  }

  /** Copies the code of a slot to place `at` of codes in blocks. */
  readCode(slot: number, codes: Uint8Array, at: number): void {
    const { codeBytes } = this.layout;
    const from = this.#codeAt(slot);
    const lane = at % BLOCK_SLOTS;
    const to = (at - lane) * codeBytes + lane;
    for (let byte = 0; byte < codeBytes * BLOCK_SLOTS; byte += BLOCK_SLOTS) {
      codes[to + byte] = this.#u8[from + byte] ?? 0;
    }
  }

  /** Marks a slot as removed, so that no filter lets it through. */
  markRemoved(slot: number): void {
    this.#u8[this.#metaAt(slot) + 3] = REMOVED_STATE;
  }

  #page(slot: number): number {
    return this.layout.pages + Math.floor(slot / PAGE_SLOTS) * this.layout.pageBytes;
  }

  #codeAt(slot: number): number {
    const inPage = slot % PAGE_SLOTS;
    const lane = inPage % BLOCK_SLOTS;
    return this.#page(slot) + (inPage - lane) * this.layout.codeBytes + lane;
  }

  #dateAt(slot: number): number {
    return this.#page(slot) + PAGE_SLOTS * this.layout.codeBytes + (slot % PAGE_SLOTS) * 8;
  }

  #idAt(slot: number): number {
    return this.#page(slot) + PAGE_SLOTS * (this.layout.codeBytes + 8) + (slot % PAGE_SLOTS) * 4;
  }

  #metaAt(slot: number): number {
    return this.#page(slot) + PAGE_SLOTS * (this.layout.codeBytes + 12) + (slot % PAGE_SLOTS) * 4;
  }
}
