import { setTimeout as sleep } from "node:timers/promises";
import { KINDS } from "../domain/ids.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { Logger } from "../knowledge/deps.ts";
import type { InFlight } from "./in-flight.ts";
import type { Reading } from "./metrics.ts";
import type { OwedVectors } from "./owed-vectors.ts";
import type { ServingStore } from "./serving-store.ts";

/** For how long counted rows stay good: nobody needs them to the second. */
const ROWS_FRESH_MS = 30_000;
/** For how long the first to ask waits for them. */
const FIRST_COUNT_MS = 250;

/** What is read off the process when metrics are asked for. No label names a team. */
export function openReadings(parts: {
  readonly store: ServingStore;
  readonly inFlight: InFlight;
  readonly owed: OwedVectors;
  /** Absent with EMBEDDING_PROVIDER=none. */
  readonly embedder: Embedder | undefined;
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
      ...embedderReadings(parts.embedder),
      ...(pool === undefined ? [] : poolReadings(pool)),
      ...(await rows()),
      { name: "process_resident_memory_bytes", value: process.memoryUsage.rss() },
      { name: "process_cpu_seconds_total", value: (user + system) / 1e6 },
      { name: "process_start_time_seconds", value: Math.floor(clock() / 1_000 - process.uptime()) },
    ];
  };
}

function embedderReadings(embedder: Embedder | undefined): readonly Reading[] {
  const { queries, waiting, runtime } = embedder?.figures?.() ?? {};
  const vectors = Object.entries(queries ?? {}).map(
    ([found, value]): Reading => ({ name: "aiknowsys_query_vectors_total", labels: { found }, value }),
  );
  const queue = Object.entries(waiting ?? {}).map(
    ([lane, value]): Reading => ({ name: "aiknowsys_embedding_queue", labels: { lane }, value }),
  );
  const loaded: Reading = {
    name: "aiknowsys_embedding_runtime",
    labels: { runtime: runtime ?? "" },
    value: 1,
  };
  return [...vectors, ...queue, ...(runtime === undefined ? [] : [loaded])];
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

/**
 * Rows by kind as they were last counted; they are counted again beside, and only the first to ask waits a
 * little. Nothing while the store is away: the rest can still be seen then.
 */
function openRows({
  store,
  log,
  clock,
}: Pick<Parameters<typeof openReadings>[0], "store" | "log" | "clock">) {
  let known: readonly Reading[] = [];
  let countedAtMs = Number.NEGATIVE_INFINITY;
  let counting: Promise<void> | undefined;
  const count = async (): Promise<void> => {
    try {
      const rows = await store.rows();
      known = KINDS.map((kind) => ({ name: "aiknowsys_rows", labels: { kind }, value: rows[kind] }));
      countedAtMs = clock();
    } catch (error) {
      known = [];
      log.warn("Rows could not be counted.", { cause: String(error) });
    } finally {
      counting = undefined;
    }
  };
  return async (): Promise<readonly Reading[]> => {
    if (clock() - countedAtMs >= ROWS_FRESH_MS) {
      counting ??= count();
      if (known.length === 0)
        await Promise.race([counting, sleep(FIRST_COUNT_MS, undefined, { ref: false })]);
    }
    return known;
  };
}
