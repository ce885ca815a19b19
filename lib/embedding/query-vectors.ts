import type { Embedder, EmbedOptions } from "./embedder.ts";

const QUERY_CHARACTERS = 512;
/** 3 MB of vectors of 384 numbers: what a team asks in some hours. */
const REMEMBERED = 2_000;

/**
 * The same embedder, which remembers the vectors of the last 2,000 queries of up to 512 characters. A remembered one is answered at once, even
 * where the model is cold.
 */
export function withQueryVectors(embedder: Embedder): Embedder {
  const vectors = new Map<string, Float32Array>();
  const queries = { remembered: 0, made: 0 };
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
      const isQuery = options.purpose === "query" && texts.length === 1;
      if (text === undefined || !isQuery) return embedder.embed(texts, options);
      const known = vectors.get(text);
      queries[known === undefined ? "made" : "remembered"] += 1;
      const answer = known === undefined ? await embedder.embed(texts, options) : [known];
      if (text.length <= QUERY_CHARACTERS) remember(vectors, text, answer[0]);
      if (known !== undefined) options.onProgress?.(1, 1);
      // Copies, so that no caller can spoil what is remembered.
      return answer.map((vector) => vector.slice());
    },
    figures: () => ({ ...embedder.figures?.(), queries: { ...queries } }),
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
