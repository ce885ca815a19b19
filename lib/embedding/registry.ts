import { deferredEmbedder } from "./deferred.ts";
import type { Embedder, Space } from "./embedder.ts";
import type { EmbeddingSettings } from "./provider-settings.ts";
import { withQueryVectors } from "./query-vectors.ts";
import { embedSideBySide } from "./side-by-side.ts";
import { type Provider, spaceOf } from "./spaces.ts";

/**
 * The embedder that the settings choose; undefined for `none`. Opening loads neither a model nor a provider's code.
 * Throws KnowledgeError `invalid_input` for settings that name no possible model.
 */
export function openEmbedder(settings: EmbeddingSettings): Embedder | undefined {
  const { provider, workers = 1 } = settings;
  if (provider === "none") return undefined;
  const space = spaceOf(provider, settings);
  const open = () => deferredEmbedder(space, () => loadProvider(provider, space, settings));
  const others = Array.from({ length: workers - 1 }, open);
  return withQueryVectors(others.length === 0 ? open() : embedSideBySide([open(), ...others]));
}

async function loadProvider(
  provider: Provider,
  space: Space,
  settings: EmbeddingSettings,
): Promise<Embedder> {
  switch (provider) {
    case "local": {
      const { openLocalModel } = await import("./local-model.ts");
      const { runtime, idleMs, threads, workers = 1 } = settings;
      // Several share the cores by texts and not by threads.
      return openLocalModel({ runtime, idleMs, threads: workers > 1 ? 1 : threads });
    }
    case "openai":
      return (await import("./openai.ts")).openOpenAi(space, settings);
    case "huggingface":
      return (await import("./huggingface.ts")).openHuggingFace(space);
    case "bedrock":
      return (await import("./bedrock.ts")).openBedrock(space, settings);
    default:
      return provider satisfies never;
  }
}
