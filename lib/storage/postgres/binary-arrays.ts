/**
 * Arrays as PostgreSQL sends and receives them in binary (array_recv in its arrayfuncs.c): nothing has to be read from
 * text, which takes longer than to store it.
 */

/** A list of vectors. @param embeddings float32, little-endian, in base64 @param type OID of pgvector's type */
export function vectorArray(embeddings: readonly string[], type: number): Uint8Array {
  return arrayOf(type, embeddings.map(vectorBytes));
}

/** OIDs (pg_type.dat). */
const BYTEA = 17;
const TSVECTOR = 3614;

/** A list of tsvectors without positions. @param lists of ASCII words, each once */
export function wordListArray(lists: readonly (readonly string[])[]): Uint8Array {
  return arrayOf(TSVECTOR, lists.map(wordListBytes));
}

export function bytesArray(values: readonly Uint8Array[]): Uint8Array {
  return arrayOf(BYTEA, values);
}

/** Two 16-bit numbers (dimensions and nothing), then float32, big-endian: pgvector's vector_recv. */
function vectorBytes(base64: string): Uint8Array {
  const length = Buffer.byteLength(base64, "base64");
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt16BE(length / 4, 0);
  bytes.writeUInt16BE(0, 2);
  bytes.write(base64, 4, "base64");
  bytes.subarray(4).swap32();
  return bytes;
}

/** Their number, then each as text that ends with a zero and a 16-bit count of positions: tsvector_recv sorts them. */
function wordListBytes(lexemes: readonly string[]): Uint8Array {
  const text = lexemes.join("\0\0\0");
  const ending = lexemes.length === 0 ? 0 : 3;
  const bytes = Buffer.alloc(4 + text.length + ending);
  bytes.writeUInt32BE(lexemes.length, 0);
  bytes.write(text, 4, "latin1");
  return bytes;
}

function arrayOf(type: number, elements: readonly Uint8Array[]): Uint8Array {
  const isEmpty = elements.length === 0;
  const size = elements.reduce((sum, { byteLength }) => sum + 4 + byteLength, isEmpty ? 12 : 20);
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32BE(isEmpty ? 0 : 1, 0);
  bytes.writeInt32BE(0, 4);
  bytes.writeUInt32BE(type, 8);
  if (isEmpty) return bytes;
  bytes.writeInt32BE(elements.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = 20;
  for (const element of elements) {
    bytes.writeInt32BE(element.byteLength, at);
    bytes.set(element, at + 4);
    at += 4 + element.byteLength;
  }
  return bytes;
}
