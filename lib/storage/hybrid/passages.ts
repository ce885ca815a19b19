import { KnowledgeError } from "../../domain/error.ts";
import type { CopyingStorage } from "../adapter.ts";
import type { Chunk, Chunks, Hit, Search } from "../contract/passages.ts";
import type { RowName } from "../contract/transfer.ts";
import { type Route, routed } from "./route.ts";

/** Hits whose place is remembered: passages are asked for right after they were found. */
const REMEMBERED = 20_000;

/**
 * Passages have another number in each store. Numbers of the copy are handed out below zero, so that a number always
 * leads to where it came from, whatever goes away or comes back between two calls.
 */
export function openPassages(
  route: Route,
  copy: CopyingStorage,
  noteRows: (rows: readonly RowName[]) => void,
): { readonly chunks: Chunks; readonly search: Search } {
  const places = new Map<number, Hit>();
  const chunks = routed(route, "chunks", {
    ...{ byIds: "read", ofRow: "read", coverage: "read" },
    // It also gives vectors of equal text, so it writes.
    ...{ owed: "primary", putVectors: "primary", rebuildIndex: "primary" },
  });
  return {
    chunks: {
      ...chunks,
      byIds: async (ids) => {
        const ours = await copy.chunks.byIds(ids.filter(isOfCopy).map(renumbered));
        const theirs = ids.filter((id) => !isOfCopy(id));
        const others =
          theirs.length === 0
            ? []
            : await route.read((storage, isCopy) =>
                isCopy ? byPlaces(copy, theirs, places) : storage.chunks.byIds(theirs),
              );
        const found = new Map([...ours.map(ofCopy), ...others].map((chunk) => [chunk.id, chunk]));
        return ids.flatMap((id) => found.get(id) ?? []);
      },
      ofRow: (project, kind, id) =>
        route.read(async (storage, isCopy) => {
          const found = await storage.chunks.ofRow(project, kind, id);
          return isCopy ? found.map(ofCopy) : found;
        }),
      putVectors: async (space, vectors) => {
        const ids = vectors.map(({ chunk }) => chunk);
        if (ids.some(isOfCopy)) throw foreignNumbers();
        const stored = await chunks.putVectors(space, vectors);
        const rows = await route.toPrimary((storage) => storage.chunks.byIds(ids)).catch(() => []);
        noteRows(rows.map(({ project, kind, owner }) => ({ project, kind, id: owner })));
        return stored;
      },
    },
    search: {
      byWords: (request) =>
        route.read(async (storage, isCopy) => {
          const found = await storage.search.byWords(request);
          if (!isCopy) return { ...found, hits: remembered(found.hits, places) };
          return { ...found, hits: found.hits.map(hitOfCopy), degraded: "reading_from_copy" };
        }),
      byVector: (request) =>
        route.read(async (storage, isCopy) => {
          const found = await storage.search.byVector(request);
          if (!isCopy) return { ...found, hits: remembered(found.hits, places) };
          return { ...found, hits: found.hits.map(hitOfCopy), degraded: "reading_from_copy" };
        }),
    },
  };
}

/** The same passages in the copy, under the numbers that were asked for. */
async function byPlaces(
  copy: CopyingStorage,
  ids: readonly number[],
  places: ReadonlyMap<number, Hit>,
): Promise<readonly Chunk[]> {
  const found: Chunk[] = [];
  for (const id of ids) {
    const hit = places.get(id);
    if (hit === undefined) continue;
    const ofRow = await copy.chunks.ofRow(hit.project, hit.kind, hit.owner);
    const chunk = ofRow.find(({ ordinal }) => ordinal === hit.ordinal);
    if (chunk !== undefined) found.push({ ...chunk, id });
  }
  return found;
}

function remembered(hits: readonly Hit[], places: Map<number, Hit>): readonly Hit[] {
  for (const hit of hits) {
    places.delete(hit.chunk);
    places.set(hit.chunk, hit);
  }
  for (const oldest of places.keys()) {
    if (places.size <= REMEMBERED) break;
    places.delete(oldest);
  }
  return hits;
}

function isOfCopy(id: number): boolean {
  return id < 0;
}

function renumbered(id: number): number {
  return -id;
}

function ofCopy(chunk: Chunk): Chunk {
  return { ...chunk, id: renumbered(chunk.id) };
}

function hitOfCopy(hit: Hit): Hit {
  return { ...hit, chunk: renumbered(hit.chunk) };
}

function foreignNumbers(): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    "These passages were read from the copy: nothing is written there.",
    {
      hint: "Ask for owed passages again when PostgreSQL is back.",
    },
  );
}
