/** Why no engine may hold a vector's numbers, or `undefined` for one that fits. @param bytes float32, little-endian */
export function unfitting(bytes: Uint8Array, dimensions: number): string | undefined {
  const size = bytes.byteLength;
  if (size % 4 !== 0)
    return `holds ${size} ${size === 1 ? "byte" : "bytes"}, which is no whole number of float32 numbers`;
  if (bytes.byteLength !== dimensions * 4) return `has ${bytes.byteLength / 4} dimensions, not ${dimensions}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let isZero = true;
  for (let at = 0; at < bytes.byteLength; at += 4) {
    const number = view.getFloat32(at, true);
    if (!Number.isFinite(number)) return "holds a number that is not finite";
    if (number !== 0) isZero = false;
  }
  return isZero ? "is zero and has no direction" : undefined;
}
