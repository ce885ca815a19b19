/** The identity of a vector space: vectors of two spaces are never compared. The runtime is no part of it. */
export interface Space {
  readonly model: string;
  /** What tells two versions of one model apart; empty where the provider names none. */
  readonly revision: string;
  readonly dimensions: number;
  readonly pooling: "mean" | "cls" | "none";
  readonly normalised: boolean;
}

/**
 * `cold` until first need, `warming` while the model loads, then `ready`, or `failed` until a call succeeds;
 * `closed` in the end.
 */
export type EmbedderState = "cold" | "warming" | "ready" | "failed" | "closed";

export interface EmbedOptions {
  /** `query`: somebody waits for an answer, so it goes first and is remembered. Default `passages`. */
  readonly purpose?: "query" | "passages" | undefined;
  /** Ends the call early with the signal's reason; texts already under way are finished and discarded. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever texts are done, with how many of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What operators look at. */
export interface EmbedderFigures {
  /** Queries whose vector was remembered, and those that the model had to read. */
  readonly queries: { readonly remembered: number; readonly made: number };
  /** Texts that wait for the model. */
  readonly waiting: { readonly query: number; readonly batch: number };
  /** What executes the local model, once it was loaded. */
  readonly runtime: "wasm" | "native" | undefined;
}

/** Turns texts into vectors. Whoever opens one closes it. */
export interface Embedder {
  readonly space: Space;
  readonly state: EmbedderState;
  /** One sentence that says why, while the state is `failed`. */
  readonly problem: string | undefined;
  /** Begins to load the model; resolves when it can answer. Throws KnowledgeError `unavailable`. */
  warm(): Promise<void>;
  /**
   * One vector a text, in the same order, each of length 1 and `space.dimensions` numbers; none for no texts.
   * Throws KnowledgeError `unavailable`, or the signal's reason.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>;
  /** As far as this one knows them. */
  figures?(): Partial<EmbedderFigures>;
  /** Ends everything at once; calls under way and later ones fail with `unavailable`. */
  close(): Promise<void>;
}
