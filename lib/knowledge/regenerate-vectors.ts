import { asKnowledgeError, KnowledgeError } from "../domain/error.ts";
import type { Deps } from "./deps.ts";
import { type EmbedOptions, embedOwed } from "./embed-owed.ts";

/** What came of making vectors anew. */
export interface RegeneratedVectors {
  readonly made: number;
  /** Passages that still wait for theirs; done again, they get it. */
  readonly owed: number;
  /** Models that worked side by side. */
  readonly workers: number;
  readonly tookMs: number;
  /** Why it ended early. */
  readonly problem?: string;
}

type Regeneration = Pick<EmbedOptions, "onProgress" | "signal"> & { readonly workers: number };

/**
 * Makes the vectors that passages of all projects lack, with the model of the settings. Every few dozen of them are
 * stored at once: broken off at whatever point, it goes on from there.
 */
export async function regenerateVectors(
  deps: Pick<Deps, "storage" | "embedder" | "clock">,
  options: Regeneration,
): Promise<RegeneratedVectors> {
  const startedAt = deps.clock();
  const { workers, signal } = options;
  const countOwed = async () => (await embedOwed(deps, { limit: 0 })).owed;
  const before = await countOwed();
  const result = (owed: number) => ({ made: before - owed, owed, workers, tookMs: deps.clock() - startedAt });
  try {
    await embedOwed(deps, options);
    return result(await countOwed());
  } catch (error) {
    const owed = await countOwed();
    return signal?.aborted === true
      ? result(owed)
      : { ...result(owed), problem: asKnowledgeError(error).message };
  }
}

/** @throws KnowledgeError `invalid_input` where the settings name no model */
export function requireModel({ embedder }: Pick<Deps, "embedder">): void {
  if (embedder !== undefined) return;
  throw new KnowledgeError("invalid_input", "There is no model to make vectors with.", {
    field: "regenerateEmbeddings",
    hint: "Set EMBEDDING_PROVIDER to local or to another provider, or leave --regenerate-embeddings out and carry the vectors.",
  });
}
