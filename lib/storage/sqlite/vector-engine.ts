import type { VectorMemory } from "./vector-memory.ts";

/** The inner loops over one {@link VectorMemory}; query, table, filter record and rows are written there before a call. */
export interface ScanEngine {
  /** What runs the loops: WebAssembly SIMD, or JavaScript where that cannot be had. Both give the same answers. */
  readonly name: "simd" | "plain";
  readonly memory: VectorMemory;
  /** Rotates the query; both engines give the same bits. */
  rotate(): void;
  /** Makes the code of what was rotated last: one bit a dimension, 1 where the component is not negative. */
  encode(): void;
  /** Leaves the best `count` keys of the first `slots` in the heap, unordered; returns how many there are. */
  scan(slots: number, count: number): number;
  /** How many of the first `slots` pass the filter. */
  matching(slots: number): number;
  /** Scores the first `count` rows of the batch against a query of that norm, as float64 cosines. */
  cosines(count: number, queryNorm: number): void;
}
