/** Levels of a lookup-table entry; eight entries have to fit one byte. */
const TABLE_LEVELS = 31;
/** Dimensions that one entry covers. */
const NIBBLE = 4;

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
