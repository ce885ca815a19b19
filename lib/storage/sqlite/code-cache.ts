import { KnowledgeError } from "../../domain/error.ts";
import type { Database } from "./driver.ts";
import type { NumberedProject } from "./project-numbers.ts";
import { addVectors, selectSegments, type VectorPlace } from "./segments.ts";
import { VectorIndex } from "./vector-index.ts";

export interface CodeCache {
  /** The index of a space with the codes of these projects, brought up to date from the store. */
  current(space: Space, projects: readonly NumberedProject[]): VectorIndex;
}

interface Space {
  readonly id: number;
  readonly dimensions: number;
}

interface LoadedSpace {
  readonly index: VectorIndex;
  /** By project number: the last vector read. */
  readonly lastIds: Map<number, number>;
  /** Slots when the last project had been loaded. */
  loaded: number;
}

const ROWS_AT_ONCE = 8_192;

/**
 * Codes of vectors in this process's memory, loaded per project when it is first searched. Vectors never change
 * and their ids only grow, so what other processes added is read on from the last id; what they deleted
 * is noticed when a candidate has no row.
 */
export function openCodeCache(db: Database): CodeCache {
  const spaces = new Map<number, LoadedSpace>();
  return {
    current(space, projects) {
      const loaded = notOutgrown(spaces.get(space.id)) ?? emptySpace(space);
      spaces.set(space.id, loaded);
      for (const project of projects)
        refresh(db, loaded, { space: space.id, dimensions: space.dimensions, project });
      return loaded.index;
    },
  };
}

function emptySpace({ dimensions }: Space): LoadedSpace {
  return { index: new VectorIndex({ dimensions }), lastIds: new Map(), loaded: 0 };
}

/** Slots are never used twice, so an index that doubled since it was loaded may be half full of what is gone. */
function notOutgrown(space: LoadedSpace | undefined): LoadedSpace | undefined {
  return space === undefined || space.index.size > 2 * space.loaded + 50_000 ? undefined : space;
}

function refresh(db: Database, loaded: LoadedSpace, place: VectorPlace): void {
  const known = loaded.lastIds.get(place.project.number);
  let lastId = known ?? loadSegments(db, loaded.index, place);
  for (let read = ROWS_AT_ONCE; read === ROWS_AT_ONCE; ) {
    const range = { index: loaded.index, after: lastId, limit: ROWS_AT_ONCE };
    ({ lastId, read } = addVectors(db, place, range));
  }
  loaded.lastIds.set(place.project.number, lastId);
  if (known === undefined) loaded.loaded = loaded.index.size;
}

/** Returns the last id that the segments cover; from a damaged one on, rows are read instead. */
function loadSegments(db: Database, index: VectorIndex, place: VectorPlace): number {
  let covered = 0;
  for (const { lastId, body } of selectSegments(db, place)) {
    try {
      index.loadSegment(body);
    } catch (error) {
      if (error instanceof KnowledgeError) return covered;
      throw error;
    }
    covered = lastId;
  }
  return covered;
}
