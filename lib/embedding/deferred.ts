import { KnowledgeError } from "../domain/error.ts";
import type { Embedder, Space } from "./embedder.ts";

/** An embedder whose code is loaded at the first call; until then it is `cold`. A load that failed is tried again. */
export function deferredEmbedder(space: Space, load: () => Promise<Embedder>): Embedder {
  let loading: Promise<Embedder> | undefined;
  let loaded: Embedder | undefined;
  let problem: string | undefined;
  let isClosed = false;

  const open = async (): Promise<Embedder> => {
    if (isClosed) throw closedError();
    loading ??= load();
    try {
      loaded = await loading;
      problem = undefined;
    } catch (error) {
      loading = undefined;
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
    if (!isClosed) return loaded;
    await loaded.close();
    throw closedError();
  };

  return {
    space,
    get state() {
      if (isClosed) return "closed";
      if (loaded !== undefined) return loaded.state;
      if (problem !== undefined) return "failed";
      return loading === undefined ? "cold" : "warming";
    },
    get problem() {
      return loaded === undefined ? problem : loaded.problem;
    },
    warm: async () => (await open()).warm(),
    embed: async (texts, options) => (await open()).embed(texts, options),
    figures: () => loaded?.figures?.() ?? {},
    async close() {
      isClosed = true;
      await loaded?.close();
    },
  };
}

function closedError(): KnowledgeError {
  return new KnowledgeError("unavailable", "The embedding provider was closed.");
}
