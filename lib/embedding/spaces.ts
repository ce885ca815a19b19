import type { Space } from "./embedder.ts";
import { LOCAL_MODEL, LOCAL_SPACE } from "./model-identity.ts";
import { type EmbeddingSettings, settingError } from "./provider-settings.ts";

/** Length of the vectors of common models, from their providers' documentation. */
const OPENAI_DIMENSIONS: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 1536,
  "text-embedding-3-large": 3072,
  "text-embedding-ada-002": 1536,
  "nomic-embed-text": 768,
  "mxbai-embed-large": 1024,
  "snowflake-arctic-embed2": 1024,
  "bge-m3": 1024,
  "all-minilm": 384,
};
const HUGGINGFACE_DIMENSIONS: Readonly<Record<string, number>> = {
  "Xenova/all-MiniLM-L6-v2": 384,
  "Xenova/multilingual-e5-small": 384,
  "Xenova/bge-small-en-v1.5": 384,
  "Xenova/bge-base-en-v1.5": 768,
};
const TITAN_V2 = "amazon.titan-embed-text-v2:0";
const TITAN_V2_DIMENSIONS = [1024, 512, 256];

/** A provider that makes vectors. */
export type Provider = Exclude<EmbeddingSettings["provider"], "none">;

/**
 * The space that the settings choose, known before anything is loaded or asked.
 * Throws KnowledgeError `invalid_input` for a model or a number of dimensions that cannot be.
 */
export function spaceOf(provider: Provider, settings: EmbeddingSettings): Space {
  switch (provider) {
    case "local":
      return localSpace(settings);
    case "openai":
      return space(settings, "text-embedding-3-small", OPENAI_DIMENSIONS, "none");
    case "huggingface":
      return space(settings, "Xenova/all-MiniLM-L6-v2", HUGGINGFACE_DIMENSIONS, "mean");
    case "bedrock":
      return bedrockSpace(settings);
    default:
      return provider satisfies never;
  }
}

function localSpace({ model, dimensions }: EmbeddingSettings): Space {
  if (model !== undefined && model !== LOCAL_MODEL) {
    throw settingError("EMBEDDING_MODEL", `The local provider has no model "${model}".`, [LOCAL_MODEL]);
  }
  if (dimensions !== undefined && dimensions !== LOCAL_SPACE.dimensions) {
    throw settingError("EMBEDDING_DIMENSIONS", `The local model has no vectors of ${dimensions} numbers.`, [
      String(LOCAL_SPACE.dimensions),
    ]);
  }
  return LOCAL_SPACE;
}

function space(
  settings: EmbeddingSettings,
  usual: string,
  known: Readonly<Record<string, number>>,
  pooling: Space["pooling"],
): Space {
  const model = settings.model ?? usual;
  const dimensions = settings.dimensions ?? known[model];
  if (dimensions === undefined) {
    throw settingError(
      "EMBEDDING_DIMENSIONS",
      `How many numbers a vector of the model "${model}" has is not known here.`,
    );
  }
  return { model, revision: "", dimensions, pooling, normalised: true };
}

function bedrockSpace({ model = TITAN_V2, dimensions = 1024 }: EmbeddingSettings): Space {
  if (model !== TITAN_V2) {
    throw settingError("EMBEDDING_MODEL", `The bedrock provider has no model "${model}".`, [TITAN_V2]);
  }
  if (!TITAN_V2_DIMENSIONS.includes(dimensions)) {
    throw settingError(
      "EMBEDDING_DIMENSIONS",
      `${TITAN_V2} has no vectors of ${dimensions} numbers.`,
      TITAN_V2_DIMENSIONS.map(String),
    );
  }
  return { model, revision: "", dimensions, pooling: "none", normalised: true };
}
