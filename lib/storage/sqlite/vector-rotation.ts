/** Turns a vector of `dimensions` into a rotated one, padded with zeros to the rotation's size; lengths stay proportional. */
export type Rotation = (vector: Float32Array, scale: number) => Float32Array;

/** Version of the rotation: codes made under another one mean nothing here. Raise it with any change below. */
export const ROTATION_VERSION = 1;

const BLOCK = 128;
const SEED = 0x9e3779b9;

/**
 * A fixed pseudo-random rotation: sign flips, Hadamard transforms of 128, a permutation, sign flips and
 * Hadamard transforms again (after Ailon & Chazelle, "The fast Johnson–Lindenstrauss transform", 2009).
 * It spreads whatever a model puts into single dimensions over all of them, which is what makes one bit a
 * dimension enough. Only float32 sums and products by ±1, so every machine gets the same bits. The result is
 * one buffer, overwritten by the next call.
 *
 * @param size padded dimensions, a multiple of 128
 */
export function createRotation(size: number): Rotation {
  const next = randomBits(SEED);
  const firstSigns = signs(size, next);
  const secondSigns = signs(size, next);
  const order = permutation(size, next);
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  return (vector, scale) => {
    first.fill(0);
    for (let at = 0; at < vector.length; at++) first[at] = (vector[at] ?? 0) * scale * (firstSigns[at] ?? 1);
    hadamard(first);
    for (let at = 0; at < size; at++) second[at] = (first[order[at] ?? 0] ?? 0) * (secondSigns[at] ?? 1);
    hadamard(second);
    return second;
  };
}

/** The unnormalised Walsh–Hadamard transform of each 128 values, in place. */
function hadamard(values: Float32Array): void {
  for (let block = 0; block < values.length; block += BLOCK) {
    for (let half = 1; half < BLOCK; half *= 2) butterflies(values, block, half);
  }
}

function butterflies(values: Float32Array, block: number, half: number): void {
  for (let group = block; group < block + BLOCK; group += 2 * half) {
    for (let at = group; at < group + half; at++) {
      const a = values[at] ?? 0;
      const b = values[at + half] ?? 0;
      values[at] = a + b;
      values[at + half] = a - b;
    }
  }
}

function signs(size: number, next: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => (next() >>> 31 === 0 ? 1 : -1));
}

/** Fisher–Yates over 0 … size − 1. */
function permutation(size: number, next: () => number): Uint16Array {
  const order = Uint16Array.from({ length: size }, (_, at) => at);
  for (let at = size - 1; at > 0; at--) {
    const other = next() % (at + 1);
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
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
