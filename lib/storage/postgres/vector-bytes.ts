/** pgvector's binary form (two 16-bit numbers, then float32, big-endian) as float32, little-endian, in base64. */
export function base64Of(sent: unknown): string {
  const bytes = Buffer.from(sent instanceof Uint8Array ? sent.subarray(4) : []);
  return bytes.swap32().toString("base64");
}

/** Float32, little-endian, in base64 as pgvector reads it: decimals that read back as the same numbers. */
export function literalOf(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const numbers: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const number = bytes.readFloatLE(at);
    numbers.push(Object.is(number, -0) ? "-0" : String(number));
  }
  return `[${numbers.join()}]`;
}
