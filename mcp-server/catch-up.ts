import type { Logger } from "../lib/knowledge/deps.ts";
import type { Opener } from "./opener.ts";

/** Waits this long after the last search, so that questions never wait for it. */
const IDLE_MS = 1_500;
/** Passages of one turn. */
const TURN = 32;

/**
 * Gives owed passages their vectors while nobody asks, once a search has made the model warm.
 * `wake` starts or postpones it, `stop` ends it at once.
 */
export function catchUpWhenIdle(
  opener: Opener,
  log: Logger,
): { readonly wake: () => void; readonly stop: () => void } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wake = (): void => {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => void turn(), IDLE_MS);
    timer.unref();
  };
  const turn = async (): Promise<void> => {
    try {
      const { deps } = await opener.open();
      if (deps.embedder?.state === "warming") wake();
      if (deps.embedder?.state !== "ready") return;
      const { embedOwed } = await import("../lib/knowledge/embed-owed.ts");
      const { owed } = await embedOwed(deps, { limit: TURN, signal: stopping.signal });
      if (owed > 0) wake();
    } catch (error) {
      if (!stopping.signal.aborted)
        log.warn("Owed vectors could not be caught up.", { cause: String(error) });
    }
  };
  return {
    wake,
    stop: () => {
      clearTimeout(timer);
      stopping.abort();
    },
  };
}
