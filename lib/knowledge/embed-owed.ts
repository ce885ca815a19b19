import type { ProjectId } from "../domain/ids.ts";
import type { Chunk, ChunkVector } from "../storage/contract/passages.ts";
import type { Deps } from "./deps.ts";
import { embeddedText } from "./passages.ts";

export interface EmbedOptions {
  /** Default: all projects. */
  readonly projects?: readonly ProjectId[] | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** At most so many passages; default all that are owed. */
  readonly limit?: number | undefined;
  /** Models that work side by side: a transaction has passages for each of them. Default 1. */
  readonly workers?: number | undefined;
}

export interface Embedded {
  readonly embedded: number;
  /** Passages that still wait for their vector. */
  readonly owed: number;
}

/** Passages of one transaction and model: what an interruption can lose is at most this many vectors' work. */
const BATCH = 32;

/**
 * Gives passages their vectors, oldest first. Interrupting is safe: finished batches are stored, the rest
 * stays owed. @throws KnowledgeError `unavailable` when the model cannot be loaded.
 */
export async function embedOwed(
  deps: Pick<Deps, "storage" | "embedder">,
  options: EmbedOptions = {},
): Promise<Embedded> {
  const { storage, embedder } = deps;
  const projects = options.projects ?? [];
  if (embedder === undefined) return { embedded: 0, owed: 0 };
  const { space } = embedder;
  // With 0 passages wanted one is looked for all the same: it tells whether there is anything to count.
  const most = Math.max(1, options.limit ?? Number.POSITIVE_INFINITY);
  const size = Math.min(BATCH * (options.workers ?? 1), most);
  let next = await storage.chunks.owed(projects, space, size);
  if (next.length === 0) return { embedded: 0, owed: 0 };
  const before = await storage.chunks.coverage(projects, space);
  const total = Math.min(before.chunks - before.embedded, options.limit ?? Number.POSITIVE_INFINITY);
  let done = 0;
  while (next.length > 0 && done < total && options.signal?.aborted !== true) {
    done += await embedBatch(
      deps,
      next,
      (count) => options.onProgress?.(Math.min(done + count, total), total),
      options.signal,
    );
    next = done < total ? await storage.chunks.owed(projects, space, size) : [];
  }
  const after = await storage.chunks.coverage(projects, space);
  return { embedded: after.embedded - before.embedded, owed: after.chunks - after.embedded };
}

async function embedBatch(
  deps: Pick<Deps, "storage" | "embedder">,
  chunks: readonly Chunk[],
  onDone: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { storage, embedder } = deps;
  if (embedder === undefined) return 0;
  const embeddings = await embedder.embed(chunks.map(embeddedText), {
    onProgress: onDone,
    ...(signal !== undefined && { signal }),
  });
  const vectors = chunks.flatMap(({ id, textHash }, index): ChunkVector[] => {
    const embedding = embeddings[index];
    return embedding === undefined ? [] : [{ chunk: id, textHash, embedding }];
  });
  await storage.chunks.putVectors(embedder.space, vectors);
  return chunks.length;
}
