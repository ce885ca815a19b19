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
