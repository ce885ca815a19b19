import { KnowledgeError } from "../../domain/error.ts";
import type { Chunk, ChunkVector, SpaceIdentity } from "../contract/passages.ts";

/** @throws KnowledgeError `invalid_input` for a vector that no engine may hold. */
export function requireFitting(space: SpaceIdentity, { chunk, embedding }: ChunkVector): void {
  const wrong =
    embedding.length !== space.dimensions
      ? `has ${embedding.length} dimensions, not ${space.dimensions}`
      : embedding.some((number) => !Number.isFinite(number))
        ? "holds a number that is not finite"
        : embedding.every((number) => number === 0)
          ? "is zero and has no direction"
          : undefined;
  if (wrong === undefined) return;
  throw new KnowledgeError("invalid_input", `The vector of passage ${chunk} ${wrong}.`, {
    field: "embedding",
    hint: "Check the embedding provider and its model.",
  });
}

/** Of several passages with one text the first: the others take over its vector. */
export function uniqueTexts(chunks: readonly Chunk[]): readonly Chunk[] {
  const seen = new Set<string>();
  return chunks.filter(({ textHash }) => !seen.has(textHash) && seen.add(textHash));
}

/**
 * The length of a vector. @throws KnowledgeError `invalid_input` for another number of dimensions, for NaN or
 * infinite components and for the zero vector, which has no direction to compare.
 */
export function requireNorm(vector: Float32Array, dimensions: number): number {
  if (vector.length !== dimensions) {
    throw new KnowledgeError(
      "invalid_input",
      `The vector has ${vector.length} dimensions, not ${dimensions}.`,
      {
        hint: "Embed the text with the model of this space.",
      },
    );
  }
  let square = 0;
  for (let at = 0; at < dimensions; at++) {
    const component = vector[at] ?? 0;
    square += component * component;
  }
  if (Number.isFinite(square) && square > 0) return Math.sqrt(square);
  const what = square === 0 ? "is all zeros" : "holds a component that is not a finite number";
  throw new KnowledgeError("invalid_input", `The vector ${what}, so it has no direction.`, {
    hint: "Embed the text again; if it happens again, check the embedding provider.",
  });
}
