import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { EventType } from "../../domain/vocabulary.ts";
import type { Chunk } from "../contract/passages.ts";
import type { ChunkDraft } from "../contract/writes.ts";

/** The row whose passages are meant. */
export interface ChunkOwner {
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly id: RowId;
}

/** A passage as it stands, with all that a draft of it has. */
export interface StandingChunk extends ChunkDraft {
  readonly id: number;
}

/** Whether a passage would come out as it stands: it is then left alone, with its vectors. */
export function isAsDrafted(standing: StandingChunk, draft: ChunkDraft | undefined): boolean {
  return (
    draft !== undefined &&
    standing.textHash === draft.textHash &&
    standing.text === draft.text &&
    standing.heading === draft.heading &&
    standing.terms === draft.terms &&
    standing.length === draft.length &&
    standing.date === draft.date &&
    standing.eventType === draft.eventType &&
    standing.hidden === draft.hidden
  );
}

// SAFETY (both functions below): the columns hold what a chunk's draft had, under the table's constraints.
/** Of `id, project_id, kind, owner_id, ordinal, heading, text, text_hash, date`. */
export function chunkOf(row: readonly unknown[]): Chunk {
  const [id, project, kind, owner, ordinal, heading, text, textHash, date] = row;
  return {
    id: Number(id),
    project: project as ProjectId,
    kind: kind as Kind,
    owner: owner as RowId,
    ordinal: Number(ordinal),
    heading: String(heading),
    text: String(text),
    textHash: String(textHash),
    date: String(date),
  };
}

/** Of `id, ordinal, heading, text, terms, length, text_hash, date, event_type, hidden`. */
export function standingOf(row: readonly unknown[]): StandingChunk {
  const [id, ordinal, heading, text, terms, length, textHash, date, eventType, hidden] = row;
  return {
    id: Number(id),
    ordinal: Number(ordinal),
    heading: String(heading),
    text: String(text),
    terms: String(terms),
    length: Number(length),
    textHash: String(textHash),
    date: String(date),
    // SAFETY: a CHECK of the table allows nothing else.
    eventType: eventType === null ? undefined : (eventType as EventType),
    hidden: hidden === true || hidden === 1,
  };
}
