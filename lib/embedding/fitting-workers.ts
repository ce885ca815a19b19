import { availableParallelism, freemem } from "node:os";

/** What one process of the local model takes at most, in bytes. */
const MODEL_BYTES = 600_000_000;

/**
 * How many models, or requests to a provider, may work side by side: as many as asked for, of the local model no more
 * than there are cores; unless asked, as many as cores and free memory allow.
 */
export function fittingWorkers(provider: string, asked: number | undefined): number {
  const cores = availableParallelism();
  if (asked !== undefined) return provider === "local" ? Math.min(asked, cores) : asked;
  return Math.max(1, Math.min(cores, Math.floor(freemem() / MODEL_BYTES)));
}
