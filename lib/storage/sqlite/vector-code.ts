import { KnowledgeError } from "../../domain/error.ts";

/** Levels of a lookup-table entry; eight entries have to fit one byte. */
const TABLE_LEVELS = 31;
/** Dimensions that one entry covers. */
const NIBBLE = 4;

/**
 * The length of a vector. @throws KnowledgeError `invalid_input` for another number of dimensions, for NaN or
 * infinite components and for the zero vector, which has no direction to compare.
 */
export function requireNorm(vector: Float32Array, dimensions: number): number {
  if (vector.length !== dimensions) {
    throw new KnowledgeError(
      "invalid_input",
      `The vector has ${vector.length} dimensions, not ${dimensions}.`,
      {
        hint: "Embed the text with the model of this space.",
      },
    );
  }
  let square = 0;
  for (let at = 0; at < dimensions; at++) {
    const component = vector[at] ?? 0;
    square += component * component;
  }
  if (Number.isFinite(square) && square > 0) return Math.sqrt(square);
  const what = square === 0 ? "is all zeros" : "holds a component that is not a finite number";
  throw new KnowledgeError("invalid_input", `The vector ${what}, so it has no direction.`, {
    hint: "Embed the text again; if it happens again, check the embedding provider.",
  });
}

/**
 * Writes the lookup table of an unquantised rotated query: entry e of nibble n is the dot product of its four
 * dimensions with the signs that e stands for, on one scale of 0 to 31 for all nibbles, so that the sum over
 * the nibbles of a code ranks vectors by their estimated dot product with the query.
 */
export function writeLookupTable(rotated: Float32Array, table: Uint8Array): void {
  const reach = largestReach(rotated);
  for (let first = 0; first < rotated.length; first += NIBBLE) {
    for (let entry = 0; entry < 16; entry++) {
      let dot = 0;
      for (let bit = 0; bit < NIBBLE; bit++) {
        const component = rotated[first + bit] ?? 0;
        dot += (entry >> bit) & 1 ? component : -component;
      }
      table[first * 4 + entry] = Math.round(((dot + reach) / (2 * reach)) * TABLE_LEVELS);
    }
  }
}

/** The largest dot product that any nibble can have. */
function largestReach(rotated: Float32Array): number {
  let largest = 0;
  for (let first = 0; first < rotated.length; first += NIBBLE) {
    let reach = 0;
    for (let bit = 0; bit < NIBBLE; bit++) reach += Math.abs(rotated[first + bit] ?? 0);
    largest = Math.max(largest, reach);
  }
  return largest;
}
