import type { VectorMemory } from "./vector-memory.ts";

/** Version of the rotation: codes made under another one mean nothing here. Raise it with any change below. */
export const ROTATION_VERSION = 1;

const SEED = 0x9e3779b9;

/**
 * Writes the signs and the order of a fixed pseudo-random rotation where the engines read them. The rotation:
 * sign flips, Hadamard transforms of 128, a permutation, sign flips and Hadamard transforms again (after
 * Ailon & Chazelle, "The fast Johnson–Lindenstrauss transform", 2009). It spreads whatever a model puts into
 * single dimensions over all of them, which is what makes one bit a dimension enough. It is made of float32
 * sums and of products by ±1 alone, so every machine and both engines get the same bits.
 */
export function writeRotation({ layout, f32, u32 }: VectorMemory): void {
  const size = layout.paddedDimensions;
  const next = randomBits(SEED);
  for (let at = 0; at < size; at++) {
    f32[layout.firstSigns / 4 + at] = next() >>> 31 === 0 ? 1 : -1;
    f32[layout.secondSigns / 4 + at] = next() >>> 31 === 0 ? 1 : -1;
  }
  shuffle(u32.subarray(layout.order / 4, layout.order / 4 + size), next);
}

/** Fisher–Yates over 0 … length − 1. */
function shuffle(order: Uint32Array, next: () => number): void {
  for (let at = 0; at < order.length; at++) order[at] = at;
  for (let at = order.length - 1; at > 0; at--) {
    const other = next() % (at + 1);
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
}

/** Xorshift of 32 bits (Marsaglia, 2003): small, and the same everywhere. */
function randomBits(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
