import { sha256 } from "../../lib/domain/ids.ts";
import type { Embedder, Space } from "../../lib/embedding/embedder.ts";

const DIMENSIONS = 64;
const space: Space = {
  model: "words",
  revision: "1",
  dimensions: DIMENSIONS,
  pooling: "mean",
  normalised: true,
};

/**
 * An embedder without a model: every word has a fixed direction and a text is the sum of its words'. Texts with
 * the same words lie close together, which is all that tests of stores need, and it takes no time.
 */
export function openWordVectors(): Embedder {
  return {
    space,
    state: "ready",
    problem: undefined,
    warm: async () => undefined,
    embed: async (texts) => texts.map(vectorOf),
    close: async () => undefined,
  };
}

function vectorOf(text: string): Float32Array {
  const sum = new Float32Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["nothing"]) {
    for (const [i, x] of directionOf(word).entries()) sum[i] = (sum[i] ?? 0) + x;
  }
  const norm = Math.sqrt(sum.reduce((total, x) => total + x * x, 0));
  return sum.map((x) => x / norm);
}

const directions = new Map<string, Float32Array>();

function directionOf(word: string): Float32Array {
  const known = directions.get(word);
  if (known !== undefined) return known;
  const bytes = Buffer.from(sha256(word) + sha256(`${word} again`), "hex");
  const direction = Float32Array.from({ length: DIMENSIONS }, (_, i) => (bytes[i] ?? 0) - 127.5);
  directions.set(word, direction);
  return direction;
}
