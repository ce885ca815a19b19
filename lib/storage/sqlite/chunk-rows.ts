import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { Chunk } from "../contract/passages.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { type ChunkOwner, chunkOf, type StandingChunk, standingOf } from "../neutral/chunk-values.ts";
import type { Database } from "./driver.ts";

const CHUNK_COLUMNS =
  "c.id, c.project_id, c.kind, c.owner_id, c.ordinal, c.heading, c.text, c.text_hash, c.date";
const OF_OWNER = "tenant_id = ? AND project_id = ? AND kind = ? AND owner_id = ?";

export function selectChunksOfOwner(db: Database, owner: ChunkOwner): readonly Chunk[] {
  return db
    .prepare(`SELECT ${CHUNK_COLUMNS} FROM chunks c WHERE ${OF_OWNER} ORDER BY ordinal`)
    .raw(...keyOf(owner))
    .map(chunkOf);
}

/** In the order of the ids; ids without a row are left out. */
export function selectChunksByIds(db: Database, ids: readonly number[]): readonly Chunk[] {
  return db
    .prepare(
      `SELECT ${CHUNK_COLUMNS} FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value ORDER BY j.key`,
    )
    .raw(JSON.stringify(ids))
    .map(chunkOf);
}

/** What stands under an owner, by ordinal. */
export function selectStanding(db: Database, owner: ChunkOwner): readonly StandingChunk[] {
  return db
    .prepare(
      `SELECT id, ordinal, heading, text, terms, length, text_hash, date, event_type, hidden
       FROM chunks WHERE ${OF_OWNER} ORDER BY ordinal`,
    )
    .raw(...keyOf(owner))
    .map(standingOf);
}

/** Returns the new passage's id. */
export function insertChunk(db: Database, owner: ChunkOwner, projectNo: number, draft: ChunkDraft): number {
  return db
    .prepare(
      `INSERT INTO chunks (tenant_id, project_id, kind, owner_id, project_no, ordinal, event_type, hidden,
         date, length, text_hash, heading, terms, text)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...keyOf(owner),
      projectNo,
      draft.ordinal,
      draft.eventType ?? null,
      draft.hidden ? 1 : 0,
      draft.date,
      draft.length,
      draft.textHash,
      draft.heading,
      draft.terms,
      draft.text,
    ).lastInsertRowid;
}

/** Its vectors go with it, by trigger. */
export function deleteChunk(db: Database, id: number): void {
  db.prepare("DELETE FROM chunks WHERE id = ?").run(id);
}

function keyOf({ project, kind, id }: ChunkOwner): readonly [string, string, string, string] {
  return [DEFAULT_TENANT, project, kind, id];
}
