import type { Embedder, EmbedOptions } from "./embedder.ts";

const QUERY_CHARACTERS = 512;
const REMEMBERED = 256;

/** Whether a call looks like a search query: a single text of at most 512 characters. */
export function isQuery(texts: readonly string[]): boolean {
  return texts.length === 1 && (texts[0]?.length ?? 0) <= QUERY_CHARACTERS;
}

/**
 * The same embedder, which remembers the vectors of the last 256 queries. A remembered one is answered at once, even
 * where the model is cold.
 */
export function withQueryVectors(embedder: Embedder): Embedder {
  const vectors = new Map<string, Float32Array>();
  return {
    space: embedder.space,
    get state() {
      return embedder.state;
    },
    get problem() {
      return embedder.problem;
    },
    warm: () => embedder.warm(),
    async embed(texts, options: EmbedOptions = {}) {
      const [text] = texts;
      if (text === undefined || !isQuery(texts)) return embedder.embed(texts, options);
      const known = vectors.get(text);
      const answer = known === undefined ? await embedder.embed(texts, options) : [known];
      remember(vectors, text, answer[0]);
      if (known !== undefined) options.onProgress?.(1, 1);
      // Copies, so that no caller can spoil what is remembered.
      return answer.map((vector) => vector.slice());
    },
    close() {
      vectors.clear();
      return embedder.close();
    },
  };
}

/** Puts a vector at the young end of the map, whose oldest entry goes when it is full. */
function remember(vectors: Map<string, Float32Array>, text: string, vector: Float32Array | undefined): void {
  if (vector === undefined) return;
  vectors.delete(text);
  vectors.set(text, vector);
  const [oldest] = vectors.keys();
  if (vectors.size > REMEMBERED && oldest !== undefined) vectors.delete(oldest);
}
