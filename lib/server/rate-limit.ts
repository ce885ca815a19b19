import { putNewest } from "./newest-entries.ts";

/** Seconds' worth of requests that may come at once. */
const BURST_SECONDS = 10;
/** Callers that are remembered: those of the longest ago, whose buckets are the fullest, are forgotten first. */
const MOST_CALLERS = 10_000;

/** How often each caller may ask, in this process. */
export interface RateLimit {
  /** Takes `count` requests of a caller's; the seconds to wait when there are none left. */
  take(caller: string, count: number): number | undefined;
  /** Gives back what was taken. */
  give(caller: string, count: number): void;
}

interface Bucket {
  left: number;
  readonly atMs: number;
}

/** A bucket a caller that fills evenly (token bucket). @param perMinute requests a minute */
export function openRateLimit(perMinute: number, clock: () => number): RateLimit {
  const perMs = perMinute / 60_000;
  const most = Math.max(1, Math.ceil(perMs * BURST_SECONDS * 1_000));
  const buckets = new Map<string, Bucket>();
  const filled = ({ left, atMs }: Bucket, nowMs: number): number =>
    Math.min(most, left + Math.max(0, nowMs - atMs) * perMs);
  const keep = (caller: string, left: number, atMs: number): void =>
    putNewest(buckets, caller, { left, atMs }, MOST_CALLERS);
  return {
    take: (caller, count) => {
      const nowMs = clock();
      const bucket = buckets.get(caller) ?? { left: most, atMs: nowMs };
      const left = filled(bucket, nowMs);
      // More at once than a bucket holds is let through when it is full, or it could never be.
      const wanted = Math.min(count, most);
      const isLetThrough = left >= wanted;
      keep(caller, isLetThrough ? left - wanted : left, nowMs);
      return isLetThrough ? undefined : Math.max(1, Math.ceil((wanted - left) / perMs / 1_000));
    },
    give: (caller, count) => {
      const bucket = buckets.get(caller);
      if (bucket !== undefined) bucket.left = Math.min(most, bucket.left + count);
    },
  };
}
