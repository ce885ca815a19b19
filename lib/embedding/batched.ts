import { asKnowledgeError, KnowledgeError } from "../domain/error.ts";
import type { Embedder, EmbedderState, EmbedOptions, Space } from "./embedder.ts";
import { unitVector } from "./unit-vector.ts";

/** How a provider turns a few texts into raw vectors, in the same order. Throws KnowledgeError `unavailable`. */
export type EmbedBatch = (
  texts: readonly string[],
  signal: AbortSignal | undefined,
) => Promise<readonly ArrayLike<number>[]>;

export interface BatchedOptions {
  readonly space: Space;
  /** Texts a request may hold. */
  readonly batchSize: number;
  readonly embedBatch: EmbedBatch;
  /** Gives up what the provider holds open. */
  readonly release?: () => void;
}

/** An embedder over a provider that answers batches: cuts the texts up, checks and normalises what comes back. */
export function batchedEmbedder({ space, batchSize, embedBatch, release }: BatchedOptions): Embedder {
  let state: EmbedderState = "cold";
  let problem: string | undefined;
  let isClosed = false;

  const answer = async (
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> => {
    try {
      const vectors = checked(await embedBatch(texts, signal), texts.length, space);
      state = "ready";
      problem = undefined;
      return vectors;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      const known = asKnowledgeError(error);
      state = "failed";
      problem = known.message;
      throw known;
    }
  };

  return {
    space,
    get state() {
      return isClosed ? "closed" : state;
    },
    get problem() {
      return problem;
    },
    // Nothing of ours is loaded, and a request for its own sake would cost the user money.
    async warm() {
      requireOpen(isClosed);
    },
    async embed(texts, options: EmbedOptions = {}) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += batchSize) {
        requireOpen(isClosed);
        options.signal?.throwIfAborted();
        vectors.push(...(await answer(texts.slice(from, from + batchSize), options.signal)));
        options.onProgress?.(vectors.length, texts.length);
      }
      return vectors;
    },
    async close() {
      isClosed = true;
      release?.();
    },
  };
}

function requireOpen(isClosed: boolean): void {
  if (isClosed) throw new KnowledgeError("unavailable", "The embedding provider was closed.");
}

function checked(raw: readonly ArrayLike<number>[], expected: number, space: Space): Float32Array[] {
  if (raw.length !== expected) {
    throw new KnowledgeError(
      "unavailable",
      `The embedding provider answered ${raw.length} vectors to ${expected} texts.`,
    );
  }
  return raw.map((values) => {
    if (values.length !== space.dimensions) throw wrongDimensions(values.length, space);
    const vector = unitVector(values);
    if (vector === undefined) {
      throw new KnowledgeError(
        "unavailable",
        `The model ${space.model} answered a vector without direction.`,
      );
    }
    return vector;
  });
}

function wrongDimensions(actual: number, space: Space): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The model ${space.model} answers vectors of ${actual} numbers, but ${space.dimensions} are set.`,
    { hint: `Set EMBEDDING_DIMENSIONS=${actual}.`, field: "EMBEDDING_DIMENSIONS" },
  );
}
