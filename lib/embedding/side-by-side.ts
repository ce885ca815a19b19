import type { Embedder, EmbedderState, EmbedOptions } from "./embedder.ts";

/** Parts that each of them gets of a call's texts: more parts than hands, so that none waits for the slowest. */
const PARTS_EACH = 4;

/** Several embedders of one space as one: the texts of a call are shared out among them. Closing it closes them all. */
export function embedSideBySide(embedders: readonly [Embedder, ...Embedder[]]): Embedder {
  const [first] = embedders;
  return {
    space: first.space,
    get state() {
      return stateOf(embedders.map(({ state }) => state));
    },
    get problem() {
      return embedders.map(({ problem }) => problem).find((problem) => problem !== undefined);
    },
    warm: () => first.warm(),
    embed: (texts, options) => shareOut(embedders, texts, options),
    figures: () => first.figures?.() ?? {},
    close: async () => {
      await Promise.all(embedders.map((embedder) => embedder.close()));
    },
  };
}

async function shareOut(
  embedders: readonly Embedder[],
  texts: readonly string[],
  { onProgress, ...options }: EmbedOptions = {},
): Promise<readonly Float32Array[]> {
  const size = Math.max(1, Math.ceil(texts.length / (embedders.length * PARTS_EACH)));
  const vectors: Float32Array[] = [];
  let next = 0;
  let done = 0;
  let isFailed = false;
  const work = async (embedder: Embedder) => {
    while (next < texts.length && !isFailed) {
      const from = next;
      next += size;
      const part = await embedder.embed(texts.slice(from, from + size), options);
      for (const [i, vector] of part.entries()) vectors[from + i] = vector;
      done += part.length;
      onProgress?.(done, texts.length);
    }
  };
  const working = embedders.map((embedder) =>
    work(embedder).catch((error: unknown) => {
      isFailed = true;
      throw error;
    }),
  );
  await Promise.all(working);
  return vectors;
}

/** Of several, the one that tells most: one that is ready can answer. */
function stateOf(states: readonly EmbedderState[]): EmbedderState {
  const order: readonly EmbedderState[] = ["ready", "warming", "failed", "cold"];
  return order.find((state) => states.includes(state)) ?? "closed";
}
