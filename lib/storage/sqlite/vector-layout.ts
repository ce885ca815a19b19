/** Slots a page of the index holds; the same number as in kernel/scan.ts. */
export const PAGE_SLOTS = 4096;
/** Slots whose codes are interleaved byte by byte, so that one 128-bit load feeds sixteen lanes. */
export const BLOCK_SLOTS = 16;
/** The most candidates one scan can return. */
export const MAX_CANDIDATES = 65_536;
/** Dimensions that one Hadamard transform mixes. */
export const HADAMARD_SIZE = 128;
/** Rows that are scored in one call. */
export const ROW_BATCH = 64;
/** Highest project number plus one. */
export const PROJECT_NUMBERS = 65_536;

const PAGE_ALIGNMENT = 64;

/**
 * Byte addresses in the one linear memory of an index: a fixed part for the query at hand, then pages.
 * A page is the codes of 4,096 slots in blocks, their dates (float64), ids (uint32) and meta (uint32:
 * project 16 bits, kind 4, type 4, state 8).
 */
export interface VectorLayout {
  /** Dimensions of the vectors as they are given. */
  readonly dimensions: number;
  /** Dimensions after padding with zeros to the next multiple of 128. */
  readonly paddedDimensions: number;
  readonly codeBytes: number;
  /** Lookup table: 16 bytes for each four dimensions. */
  readonly table: number;
  /**
   * Filter record: after, before (float64), highest state, address of the project bits or 0 (uint32); from byte 32
   * one byte, 0 or 255, for each of 16 kinds and of 16 types.
   */
  readonly filter: number;
  /** One bit a project number. */
  readonly projects: number;
  /** Sixteen sums of one block, uint16. */
  readonly sums: number;
  /** The vector at hand, float32. */
  readonly query: number;
  /** The rotation: signs, order (uint32), signs again; then where it works and where its result is. */
  readonly firstSigns: number;
  readonly order: number;
  readonly secondSigns: number;
  readonly work: number;
  readonly rotated: number;
  /** The code of the rotated vector. */
  readonly code: number;
  readonly rows: number;
  readonly cosines: number;
  readonly heap: number;
  readonly pages: number;
  readonly pageBytes: number;
}

/** The layout for vectors of `dimensions` (1 to 4,096; the caller has checked). */
export function layoutFor(dimensions: number): VectorLayout {
  const paddedDimensions = Math.ceil(dimensions / HADAMARD_SIZE) * HADAMARD_SIZE;
  const codeBytes = paddedDimensions / 8;
  let next = 1024; // address 0 stays empty: in the filter record it means "every project"
  const take = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / PAGE_ALIGNMENT) * PAGE_ALIGNMENT;
    return at;
  };
  return Object.freeze({
    dimensions,
    paddedDimensions,
    codeBytes,
    table: take(paddedDimensions * 4),
    filter: take(64),
    projects: take(PROJECT_NUMBERS / 8),
    sums: take(32),
    query: take(paddedDimensions * 4),
    firstSigns: take(paddedDimensions * 4),
    order: take(paddedDimensions * 4),
    secondSigns: take(paddedDimensions * 4),
    work: take(paddedDimensions * 4),
    rotated: take(paddedDimensions * 4),
    code: take(codeBytes),
    rows: take(paddedDimensions * 4 * ROW_BATCH),
    cosines: take(ROW_BATCH * 8),
    heap: take(MAX_CANDIDATES * 8),
    pages: next,
    pageBytes: PAGE_SLOTS * (codeBytes + 8 + 4 + 4),
  });
}
