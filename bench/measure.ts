/** One line of the report. */
export interface Measurement {
  readonly operation: string;
  readonly engine: string;
  /** Events in the store; 0 where there is none. */
  readonly events: number;
  /** How often the operation ran. */
  readonly n: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms?: number;
  readonly perSecond?: number;
  /** Share of the exact ten nearest that were found. */
  readonly recall?: number;
  /** What the hardware needs at least, measured in the same run. */
  readonly floorMs?: number;
  /** The same operation done by a peer or the bare runtime, in the same run. */
  readonly peerMs?: number;
  /** How many times what it is compared with. */
  readonly ratio?: number;
  /** Calls that failed. */
  readonly errors?: number;
  readonly rssMb?: number;
  /** Memory over time. */
  readonly memory?: readonly object[];
  readonly note?: string;
  /** How a database ran it. */
  readonly plans?: string;
}

/** Median and 95th percentile of durations in ms. */
export function percentiles(durationsMs: readonly number[]): {
  readonly n: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
} {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { n: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95) };
}

/** How long each of `n` runs took, in ms, one after the other. */
export async function timed(n: number, run: (index: number) => unknown): Promise<readonly number[]> {
  const durations: number[] = [];
  for (let index = 0; index < n; index++) {
    const started = performance.now();
    await run(index);
    durations.push(performance.now() - started);
  }
  return durations;
}

/** Resident memory of this process in MB. */
export function residentMb(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}
