import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Kind, ProjectId, RowId } from "../../../lib/domain/ids.ts";
import type { SpaceIdentity } from "../../../lib/storage/contract/passages.ts";
import type { ChunkDraft } from "../../../lib/storage/contract/writes.ts";
import { type Connection, openConnection } from "../../../lib/storage/sqlite/connection.ts";
import { openPassages, type Passages } from "../../../lib/storage/sqlite/passages.ts";
import { openProjects } from "../../../lib/storage/sqlite/projects.ts";
import { migrateSchema } from "../../../lib/storage/sqlite/schema.ts";
import { NOON, nextRowId, projectDraft, tempFolder } from "../../helpers/store.ts";

/** Passages on one connection, without the rows that they belong to. */
export interface PassageStoreForTests extends Connection {
  readonly all: Passages;
  readonly project: ProjectId;
  /** Gives rows passages in one transaction; a row each. Returns the rows. */
  put(...chunks: readonly (readonly ChunkDraft[])[]): readonly RowId[];
  replace(owner: RowId, chunks: readonly ChunkDraft[]): void;
}

const KIND: Kind = "event";
export const SPACE: SpaceIdentity = {
  model: "m",
  revision: "1",
  dimensions: 8,
  pooling: "mean",
  normalised: true,
};

/** Opens an empty store that is gone after the test; with `other`, one more connection to that one. */
export function openStore(
  other?: { readonly file: string; readonly project?: ProjectId },
  release: (work: () => void) => void = onTestFinished,
): PassageStoreForTests {
  const file = other?.file ?? join(tempFolder(), "knowledge.db");
  const connection = openConnection({ file });
  release(() => connection.close());
  migrateSchema(connection, { now: NOON });
  const { db, immediate } = connection;
  const all = openPassages(db, immediate);
  const project = other?.project ?? openProjects(db, immediate).register(projectDraft()).id;
  const replace = (owner: RowId, chunks: readonly ChunkDraft[]) =>
    immediate(
      () => {
        all.passages.replace(project, KIND, owner, chunks);
        all.passages.flush();
      },
      () => all.passages.discard(),
    );
  const put = (...rows: readonly (readonly ChunkDraft[])[]) =>
    immediate(() => {
      const owners = rows.map((chunks) => {
        const owner = nextRowId();
        all.passages.replace(project, KIND, owner, chunks);
        return owner;
      });
      all.passages.flush();
      return owners;
    });
  return { ...connection, all, project, put, replace };
}

/** A vector of SPACE: eight numbers from a seed, of unit length. */
export function vectorOf(seed: number): Float32Array {
  const numbers = Array.from({ length: SPACE.dimensions }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233));
  const norm = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / norm);
}

/** Gives every owed passage a vector from its own number; returns how many. */
export function embedAll({ all }: PassageStoreForTests): number {
  let stored = 0;
  for (;;) {
    const owed = all.chunks.owed([], SPACE, 1_000);
    if (owed.length === 0) return stored;
    const vectors = owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding: vectorOf(id) }));
    stored += all.chunks.putVectors(SPACE, vectors);
  }
}
