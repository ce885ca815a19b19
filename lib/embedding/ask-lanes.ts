/** One text waiting for its vector. */
export interface Ask {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** `query`: somebody waits for an answer; `batch`: the texts of an index run. */
export type Lane = "query" | "batch";

/** Asks in two lanes, each first in, first out: no batch is served while a query waits. */
export class AskLanes {
  readonly #lanes: Readonly<Record<Lane, Set<Ask>>> = { query: new Set(), batch: new Set() };

  get isEmpty(): boolean {
    return this.#lanes.query.size === 0 && this.#lanes.batch.size === 0;
  }

  /** How many wait in each lane. */
  get waiting(): Readonly<Record<Lane, number>> {
    return { query: this.#lanes.query.size, batch: this.#lanes.batch.size };
  }

  add(lane: Lane, ask: Ask): void {
    this.#lanes[lane].add(ask);
  }

  remove(ask: Ask): void {
    this.#lanes.query.delete(ask);
    this.#lanes.batch.delete(ask);
  }

  /** Takes out the next ask; undefined when none waits. */
  take(): Ask | undefined {
    const [ask] = this.#lanes.query.size > 0 ? this.#lanes.query : this.#lanes.batch;
    if (ask !== undefined) this.remove(ask);
    return ask;
  }
}
