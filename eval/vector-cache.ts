import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../lib/domain/ids.ts";
import type { Embedder } from "../lib/embedding/embedder.ts";

const HASH_BYTES = 32;

/**
 * An embedder that asks the real one for each text only once, whatever store it is for (RULES 27): a file of
 * records, SHA-256 of the text and its float32 numbers. A record that was cut off at the end is passed over.
 */
export function withVectorCache(embedder: Embedder, folder: string): Embedder {
  const { model, revision, dimensions, pooling } = embedder.space;
  mkdirSync(folder, { recursive: true });
  const name = [model, revision, dimensions, pooling].join("-").replace(/[^\w.-]/g, "_");
  const file = join(folder, `vectors-${name}.bin`);
  const known = readRecords(file, dimensions);
  return {
    ...embedder,
    get state() {
      return embedder.state;
    },
    get problem() {
      return embedder.problem;
    },
    space: embedder.space,
    warm: () => embedder.warm(),
    close: () => embedder.close(),
    embed: async (texts, options) => {
      const hashes = texts.map((text) => sha256(text));
      const lacking = [...new Set(texts.filter((_, i) => !known.has(hashes[i] ?? "")))];
      const made = lacking.length === 0 ? [] : await embedder.embed(lacking, options);
      for (const [i, vector] of made.entries()) {
        const hash = sha256(lacking[i] ?? "");
        known.set(hash, vector);
        appendFileSync(file, Buffer.concat([Buffer.from(hash, "hex"), bytesOf(vector)]));
      }
      return hashes.map((hash) => known.get(hash) ?? new Float32Array(dimensions));
    },
  };
}

function readRecords(file: string, dimensions: number): Map<string, Float32Array> {
  const known = new Map<string, Float32Array>();
  if (!existsSync(file)) return known;
  const bytes = readFileSync(file);
  const size = HASH_BYTES + 4 * dimensions;
  for (let at = 0; at + size <= bytes.length; at += size) {
    const hash = bytes.toString("hex", at, at + HASH_BYTES);
    const numbers = bytes.subarray(at + HASH_BYTES, at + size);
    known.set(
      hash,
      Float32Array.from({ length: dimensions }, (_, i) => numbers.readFloatLE(4 * i)),
    );
  }
  return known;
}

function bytesOf(vector: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [i, number] of vector.entries()) bytes.writeFloatLE(number, 4 * i);
  return bytes;
}
