import { KnowledgeError } from "../domain/error.ts";
import { batchedEmbedder } from "./batched.ts";
import type { Embedder, Space } from "./embedder.ts";
import { type LoadPackage, optionalPackage } from "./optional-package.ts";

const PACKAGE = "@huggingface/transformers";
const BATCH_SIZE = 1;

/** What of transformers.js is used: a pipeline that pools and normalises. */
type Extractor = (
  text: string,
  options: { readonly pooling: "mean"; readonly normalize: true },
) => Promise<{ readonly data: ArrayLike<number> }>;
interface Transformers {
  readonly pipeline: (task: "feature-extraction", model: string) => Promise<Extractor>;
}

/**
 * Any feature-extraction model of transformers.js, where that is installed; it fetches the model at the first use.
 * Runs in this process. Throws KnowledgeError `unavailable` where the package or the model cannot be loaded.
 */
export async function openHuggingFace(space: Space, load?: LoadPackage): Promise<Embedder> {
  // SAFETY: the documented interface of the package; another one fails below with a sentence.
  const { pipeline } = (await optionalPackage(PACKAGE, load)) as Transformers;
  const extract = await pipeline("feature-extraction", space.model).catch((error: unknown) => {
    throw failed(`The model ${space.model} cannot be loaded`, error);
  });
  return batchedEmbedder({
    space,
    batchSize: BATCH_SIZE,
    async embedBatch(texts) {
      const vectors: ArrayLike<number>[] = [];
      for (const text of texts) vectors.push(await vectorOf(extract, text, space));
      return vectors;
    },
  });
}

async function vectorOf(extract: Extractor, text: string, space: Space): Promise<ArrayLike<number>> {
  try {
    return (await extract(text, { pooling: "mean", normalize: true })).data;
  } catch (error) {
    throw failed(`The model ${space.model} could not read a text`, error);
  }
}

function failed(what: string, cause: unknown): KnowledgeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KnowledgeError("unavailable", `${what}: ${reason}.`, {
    hint: "Check EMBEDDING_MODEL and the connection to the model hub.",
    cause,
  });
}
