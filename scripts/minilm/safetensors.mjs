// Reads half-precision safetensors: 8 bytes header length, JSON header, then the tensors' raw bytes
// (https://huggingface.co/docs/safetensors).

/**
 * The half-precision tensors of a safetensors file by name, widened to 32-bit floats; tensors of integers
 * (a position table that the graph makes itself) are left out.
 * @param {Buffer} file
 * @returns {Map<string, { shape: number[], data: Float32Array }>}
 */
export function readSafetensors(file) {
  const headerLength = Number(file.readBigUInt64LE(0));
  const body = 8 + headerLength;
  const header = JSON.parse(file.toString("utf8", 8, body));
  const wide = halfToFloatTable();
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (entry.dtype !== "F16") continue;
    const [from, to] = entry.data_offsets;
    const bytes = Uint8Array.prototype.slice.call(file, body + from, body + to);
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    const data = new Float32Array(halves.length);
    for (let at = 0; at < halves.length; at++) data[at] = wide[halves[at]];
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}

/** Every IEEE 754 half as a float: a look-up widens 22.7 million weights in a fraction of a second. */
function halfToFloatTable() {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < table.length; bits++) table[bits] = halfToFloat(bits);
  return table;
}

function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
