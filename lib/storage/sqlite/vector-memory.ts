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

  /** Writes a slot; `codes` holds its code at `offset`. */
  write(slot: number, facts: SlotFacts, codes: Uint8Array, offset = 0): void {
    const bytes = this.#u8;
    const { codeBytes } = this.layout;
    const first = this.#codeAt(slot);
    for (let byte = 0; byte < codeBytes; byte++) {
      bytes[first + byte * BLOCK_SLOTS] = codes[offset + byte] ?? 0;
    }
    this.#f64[this.#dateAt(slot) / 8] = facts.atMs;
    this.#u32[this.#idAt(slot) / 4] = facts.id;
    this.#u32[this.#metaAt(slot) / 4] = facts.meta;
  }

  readFacts(slot: number): SlotFacts {
    return {
      id: this.#u32[this.#idAt(slot) / 4] ?? 0,
      meta: this.#u32[this.#metaAt(slot) / 4] ?? 0,
      atMs: this.#f64[this.#dateAt(slot) / 8] ?? 0,
    };
  }

  /** Copies the code of a slot to `target` at `offset`. */
  readCode(slot: number, target: Uint8Array, offset: number): void {
    const { codeBytes } = this.layout;
    const first = this.#codeAt(slot);
    for (let byte = 0; byte < codeBytes; byte++) {
      target[offset + byte] = this.#u8[first + byte * BLOCK_SLOTS] ?? 0;
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
