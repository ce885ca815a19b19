import type { Degradation } from "../domain/search.ts";
import type { Deps } from "./deps.ts";

/** The query as a vector, or why there is none. */
export type QueryVector =
  | { readonly vector: Float32Array; readonly degraded: null }
  | {
      readonly vector: undefined;
      readonly degraded: Extract<Degradation, "embedding_warming" | "embedding_unavailable">;
    };

/** The query's vector, waiting at most `waitMs` for a model that is still warming. Never throws: words still answer. */
export async function embedQuery(
  deps: Pick<Deps, "embedder" | "log">,
  query: string,
  waitMs: number,
): Promise<QueryVector> {
  const { embedder, log } = deps;
  if (embedder === undefined) return { vector: undefined, degraded: "embedding_unavailable" };
  const embedding = embedder.embed([query], { purpose: "query" }).then(
    ([vector]): QueryVector =>
      vector === undefined ? { vector, degraded: "embedding_unavailable" } : { vector, degraded: null },
    (error: unknown): QueryVector => {
      // A command that has its answer closes the model while this is under way: nothing went wrong.
      if (embedder.state !== "closed")
        log.warn("The query could not be embedded; words answer alone.", { cause: String(error) });
      return { vector: undefined, degraded: "embedding_unavailable" };
    },
  );
  if (embedder.state === "ready" || waitMs === Number.POSITIVE_INFINITY) return embedding;
  return Promise.race([embedding, after(waitMs)]);
}

async function after(waitMs: number): Promise<QueryVector> {
  await new Promise((resolve) => {
    setTimeout(resolve, waitMs).unref();
  });
  return { vector: undefined, degraded: "embedding_warming" };
}
