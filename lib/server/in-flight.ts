import type { PoolFigures } from "../storage/adapter.ts";
import type { Refusal } from "./refusal.ts";

/** Calls under way at once in one process; what is queued beyond it would be answered too late to be of use. */
const MOST = 256;
/** Callers that may wait for each connection of the pool: at some 10 ms a transaction, a fraction of a second. */
const WAITING_PER_CONNECTION = 10;
/** A moment later there may be room. */
const RETRY_SECONDS = 1;

/** Calls under way: bounded while serving, waited for when the server ends. */
export interface InFlight {
  readonly count: () => number;
  /** Why no further call is taken now. */
  refusal(): Refusal | undefined;
  enter(): void;
  leave(): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** @param pool figures of the database's connections, where there are any */
export function openInFlight(pool: () => PoolFigures | undefined): InFlight {
  let count = 0;
  let waiters: (() => void)[] = [];
  return {
    count: () => count,
    refusal: () => {
      const figures = pool();
      const isCrowded = figures !== undefined && figures.waiting >= figures.most * WAITING_PER_CONNECTION;
      if (count < MOST && !isCrowded) return undefined;
      return {
        status: 503,
        code: "unavailable",
        message: "The server has more to do than it can.",
        hint: `Try again in ${RETRY_SECONDS} s.`,
        headers: { "retry-after": String(RETRY_SECONDS) },
      };
    },
    enter: () => {
      count += 1;
    },
    leave: () => {
      count -= 1;
      if (count > 0) return;
      for (const resolve of waiters) resolve();
      waiters = [];
    },
    settled: async () => {
      if (count === 0) return;
      await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}
