import { KINDS } from "../domain/ids.ts";
import type { Logger } from "../knowledge/deps.ts";
import type { InFlight } from "./in-flight.ts";
import type { Reading } from "./metrics.ts";
import type { OwedVectors } from "./owed-vectors.ts";
import type { ServingStore } from "./serving-store.ts";

/** For how long counted rows stay good: nobody needs them to the second. */
const ROWS_FRESH_MS = 30_000;

/** What is read off the process when metrics are asked for. No label names a team. */
export function openReadings(parts: {
  readonly store: ServingStore;
  readonly inFlight: InFlight;
  readonly owed: OwedVectors;
  readonly log: Logger;
  readonly clock: () => number;
}): () => Promise<readonly Reading[]> {
  const { store, inFlight, owed, clock } = parts;
  const rows = openRows(parts);
  return async () => {
    const pool = store.pool();
    const { owed: passages, lagSeconds } = owed.figures();
    const { user, system } = process.cpuUsage();
    return [
      { name: "aiknowsys_requests_in_flight", value: inFlight.count() },
      { name: "aiknowsys_embedding_owed", value: passages },
      { name: "aiknowsys_index_lag_seconds", value: lagSeconds },
      ...(pool === undefined ? [] : poolReadings(pool)),
      ...(await rows()),
      { name: "process_resident_memory_bytes", value: process.memoryUsage.rss() },
      { name: "process_cpu_seconds_total", value: (user + system) / 1e6 },
      { name: "process_start_time_seconds", value: Math.floor(clock() / 1_000 - process.uptime()) },
    ];
  };
}

function poolReadings({
  inUse,
  idle,
  waiting,
  most,
}: NonNullable<ReturnType<ServingStore["pool"]>>): Reading[] {
  return [
    { name: "aiknowsys_pool_connections", labels: { state: "in_use" }, value: inUse },
    { name: "aiknowsys_pool_connections", labels: { state: "idle" }, value: idle },
    { name: "aiknowsys_pool_waiting", value: waiting },
    { name: "aiknowsys_pool_connections_max", value: most },
  ];
}

/** Rows by kind; nothing while the store is away, so that the rest can still be seen. */
function openRows({
  store,
  log,
  clock,
}: Pick<Parameters<typeof openReadings>[0], "store" | "log" | "clock">) {
  let last: { readonly atMs: number; readonly readings: readonly Reading[] } | undefined;
  return async (): Promise<readonly Reading[]> => {
    if (last !== undefined && clock() - last.atMs < ROWS_FRESH_MS) return last.readings;
    try {
      const rows = await store.rows();
      const readings = KINDS.map(
        (kind): Reading => ({ name: "aiknowsys_rows", labels: { kind }, value: rows[kind] }),
      );
      last = { atMs: clock(), readings };
      return readings;
    } catch (error) {
      log.warn("Rows could not be counted.", { cause: String(error) });
      return [];
    }
  };
}
