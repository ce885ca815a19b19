import { asKnowledgeError, KnowledgeError } from "../domain/error.ts";
import { type Ask, AskLanes, type Lane } from "./ask-lanes.ts";
import type { Embedder, EmbedderFigures, EmbedderState, EmbedOptions } from "./embedder.ts";
import { type ModelHandle, startModelProcess } from "./model-handle.ts";
import { LOCAL_SPACE } from "./model-identity.ts";
import { type ProcessOptions, processSetup } from "./process-setup.ts";

const IDLE_MS = 5 * 60 * 1000;

export interface LocalModelOptions extends ProcessOptions {
  /** Milliseconds without a text after which the model leaves the memory; 5 minutes unless told. */
  readonly idleMs?: number | undefined;
}

/**
 * The model inside the package, in a process that starts at the first need and ends after idle minutes.
 * Opening loads nothing. An idle model does not keep the process alive, a pending call does.
 */
export function openLocalModel(options: LocalModelOptions = {}): Embedder {
  return new LocalModel(options);
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

class LocalModel implements Embedder {
  readonly space = LOCAL_SPACE;
  readonly #options: LocalModelOptions;
  /** Who waits for the model to be loaded. */
  readonly #warmers = new Set<Waiter>();
  /** Texts that wait, and the one that the model works at. */
  readonly #asks = new AskLanes();
  #current: Ask | undefined;
  #state: EmbedderState = "cold";
  #problem: string | undefined;
  #runtime: "wasm" | "native" | undefined;
  #handle: ModelHandle | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LocalModelOptions) {
    this.#options = options;
  }

  get state(): EmbedderState {
    return this.#isClosed ? "closed" : this.#state;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async warm(): Promise<void> {
    this.#requireOpen();
    if (this.#state === "ready") return this.#proceed();
    await new Promise<void>((resolve, reject) => {
      this.#warmers.add({ resolve, reject });
      this.#proceed();
    });
  }

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<readonly Float32Array[]> {
    const lane = options.purpose === "query" ? "query" : "batch";
    const vectors: Float32Array[] = [];
    // One ask a call at a time: calls take turns, and a query never finds a batch's texts before it.
    for (const text of texts) {
      vectors.push(await this.#ask(text, lane, options.signal));
      options.onProgress?.(vectors.length, texts.length);
    }
    return vectors;
  }

  figures(): Partial<EmbedderFigures> {
    return { waiting: this.#asks.waiting, runtime: this.#runtime };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const handle = this.#handle;
    this.#rest("cold");
    this.#rejectAll(closedError());
    await handle?.end();
  }

  async #ask(text: string, lane: Lane, signal: AbortSignal | undefined): Promise<Float32Array> {
    this.#requireOpen();
    signal?.throwIfAborted();
    let giveUp = (): void => {};
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        const ask: Ask = { text, resolve, reject };
        giveUp = () => {
          this.#asks.remove(ask);
          reject(signal?.reason);
          this.#settle();
        };
        signal?.addEventListener("abort", giveUp, { once: true });
        this.#asks.add(lane, ask);
        this.#proceed();
      });
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Starts the model where it does not run and hands it the next text when it is free. */
  #proceed(): void {
    this.#handle ??= this.#start();
    if (this.#handle !== undefined && this.#state === "ready" && this.#current === undefined) {
      this.#current = this.#asks.take();
      if (this.#current !== undefined) this.#handle.send(this.#current.text);
    }
    this.#settle();
  }

  #start(): ModelHandle | undefined {
    this.#state = "warming";
    this.#problem = undefined;
    try {
      const { file, setup } = processSetup(this.#options);
      return startModelProcess(file, setup, {
        onReady: (runtime) => this.#becomeReady(runtime),
        onVector: (vector) => this.#finishCurrent((ask) => ask.resolve(vector)),
        onRefused: (reason) => this.#finishCurrent((ask) => ask.reject(refusedError(reason))),
        onDeath: (reason) => this.#fail(stoppedError(reason)),
      });
    } catch (error) {
      this.#fail(asKnowledgeError(error));
      return undefined;
    }
  }

  #becomeReady(runtime: "wasm" | "native"): void {
    this.#state = "ready";
    this.#runtime = runtime;
    for (const { resolve } of this.#warmers) resolve();
    this.#warmers.clear();
    this.#proceed();
  }

  #finishCurrent(finish: (ask: Ask) => void): void {
    if (this.#current !== undefined) finish(this.#current);
    this.#current = undefined;
    this.#proceed();
  }

  /** Holds the process while something is pending; otherwise lets it go and counts the idle time. */
  #settle(): void {
    const isBusy = this.#current !== undefined || !this.#asks.isEmpty || this.#warmers.size > 0;
    this.#handle?.keepAlive(isBusy);
    clearTimeout(this.#idleTimer);
    if (isBusy || this.#handle === undefined) return;
    this.#idleTimer = setTimeout(() => this.#endIdle(), this.#options.idleMs ?? IDLE_MS).unref();
  }

  #endIdle(): void {
    const handle = this.#handle;
    this.#rest("cold");
    void handle?.end();
  }

  #fail(error: KnowledgeError): void {
    this.#rest("failed");
    this.#problem = error.message;
    this.#rejectAll(error);
  }

  /** Forgets the process; the next call starts another. */
  #rest(state: "cold" | "failed"): void {
    clearTimeout(this.#idleTimer);
    this.#handle = undefined;
    this.#state = state;
  }

  #rejectAll(error: KnowledgeError): void {
    for (const { reject } of this.#warmers) reject(error);
    this.#warmers.clear();
    this.#current?.reject(error);
    this.#current = undefined;
    for (let ask = this.#asks.take(); ask !== undefined; ask = this.#asks.take()) ask.reject(error);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function closedError(): KnowledgeError {
  return new KnowledgeError("unavailable", "The embedding model was closed.");
}

function refusedError(reason: string): KnowledgeError {
  return new KnowledgeError("unavailable", `The embedding model could not read a text: ${reason}.`);
}

function stoppedError(reason: string): KnowledgeError {
  return new KnowledgeError("unavailable", `The embedding model cannot run: ${reason}.`, {
    hint: "Search by words goes on without it; the next call tries again, EMBEDDING_PROVIDER=none does without.",
  });
}
