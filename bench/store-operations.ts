import type { SearchMode } from "../lib/domain/search.ts";
import { queryEvents } from "../lib/knowledge/query.ts";
import { recordEvent, recordEvents } from "../lib/knowledge/record-event.ts";
import { searchKnowledge } from "../lib/knowledge/search.ts";
import { memoryFloorMs } from "./floor.ts";
import { type Measurement, percentiles, residentMb, timed } from "./measure.ts";
import type { BenchStore } from "./store.ts";

/** An operation of the bench by name. */
export type Operation = (store: BenchStore) => Promise<Measurement>;

/** What runs against a filled store, in this order (the writing ones last). */
export const STORE_OPERATIONS: Readonly<Record<string, Operation>> = {
  "query-events": async (store) => {
    const scope = scopeOf(store);
    const tookMs = await timed(200, () =>
      queryEvents(store.opened.deps, scope, { type: "decision_made", limit: 20 }),
    );
    return { ...base("query-events", store), ...percentiles(tookMs) };
  },
  "search-text": (store) => search("text", store),
  "search-semantic": (store) => search("semantic", store),
  "search-hybrid": (store) => search("hybrid", store),
  "vector-top-10": vectorSearch,
  "record-event": async (store) => {
    const events = Array.from({ length: 1_000 }, store.newEvent);
    const tookMs = await timed(events.length, (index) =>
      recordEvent(store.opened.deps, store.project, events[index] ?? store.newEvent()),
    );
    const { p50Ms, p95Ms, n } = percentiles(tookMs);
    return {
      ...base("record-event", store),
      n,
      p50Ms,
      p95Ms,
      perSecond: perSecond(tookMs, 1),
      note: "one transaction each, WAL with synchronous=NORMAL",
    };
  },
  "record-event-100": async (store) => {
    const batches = Array.from({ length: 100 }, () => Array.from({ length: 100 }, store.newEvent));
    const tookMs = await timed(batches.length, (index) =>
      recordEvents(store.opened.deps, store.project, batches[index] ?? []),
    );
    const { p50Ms, p95Ms, n } = percentiles(tookMs);
    return {
      ...base("record-event-100", store),
      n,
      p50Ms,
      p95Ms,
      perSecond: perSecond(tookMs, 100),
      note: "one transaction a hundred",
    };
  },
};

/** Distinct questions of two to six words through the product's search, the query's embedding included. */
async function search(mode: SearchMode, store: BenchStore): Promise<Measurement> {
  const { deps } = store.opened;
  const scope = scopeOf(store);
  const ask = (index: number) =>
    searchKnowledge(deps, scope, {
      query: store.question(2 + (index % 5)),
      mode,
      limit: 10,
      waitMs: Number.POSITIVE_INFINITY,
    });
  await timed(10, ask);
  const tookMs = await timed(200, ask);
  const floorMs = mode === "text" ? undefined : memoryFloorMs(store.vectors.rows.byteLength);
  return {
    ...base(`search-${mode}`, store),
    ...percentiles(tookMs),
    ...(floorMs !== undefined && { floorMs }),
    rssMb: residentMb(),
    note: mode === "text" ? "" : "with the query's embedding",
  };
}

/** The vector list alone, against an exact scan of every row. */
async function vectorSearch(store: BenchStore): Promise<Measurement> {
  const { embedder, storage } = store.opened.deps;
  if (embedder === undefined) throw new Error("The bench needs an embedder.");
  const queries = await embedder.embed(Array.from({ length: 50 }, () => store.question(8)));
  const ask = (index: number) =>
    storage.search.byVector({
      projects: [store.project.id],
      space: embedder.space,
      vector: queries[index] ?? new Float32Array(),
      filter: {},
      limit: 10,
    });
  await timed(5, ask);
  const found = await Promise.all(queries.map((_, index) => ask(index)));
  const tookMs = await timed(queries.length, ask);
  const hits = queries.map((query, index) =>
    overlap(exactTop(store, query, 10), found[index]?.hits.map(({ chunk }) => chunk) ?? []),
  );
  const recall = hits.reduce((sum, share) => sum + share, 0) / hits.length;
  const floorMs = memoryFloorMs(store.vectors.rows.byteLength);
  return {
    ...base("vector-top-10", store),
    ...percentiles(tookMs),
    recall,
    floorMs,
    note: "floor: reading every float32 vector once",
  };
}

function exactTop({ vectors }: BenchStore, query: Float32Array, k: number): readonly number[] {
  const { ids, rows } = vectors;
  const scored = ids.map((id, row) => {
    let sum = 0;
    for (let index = 0; index < query.length; index++)
      sum += (query[index] ?? 0) * (rows[row * query.length + index] ?? 0);
    return { id, sum };
  });
  return scored
    .sort((a, b) => b.sum - a.sum)
    .slice(0, k)
    .map(({ id }) => id);
}

function overlap(exact: readonly number[], found: readonly number[]): number {
  return exact.filter((id) => found.includes(id)).length / Math.max(exact.length, 1);
}

function perSecond(tookMs: readonly number[], each: number): number {
  return Math.round((tookMs.length * each * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0));
}

function base(operation: string, store: BenchStore) {
  return { operation, engine: "sqlite", events: store.events };
}

function scopeOf({ project }: BenchStore) {
  return { project, projects: [project] };
}
