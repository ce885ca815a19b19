import { refsOf } from "../../domain/ids.ts";
import type { ChunkDraft, Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { holdable, holdableChunk } from "../neutral/holdable.ts";
import { packed, revisionText } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { wordsOf } from "./chunk-rows.ts";
import type { Transaction } from "./put-row.ts";
import { recordOf } from "./rows.ts";
import { FrequencyNotes } from "./term-frequencies.ts";

/** A new event that touches no other row, and the ref it takes. */
export interface NewEvent {
  readonly draft: Extract<Write["draft"], { readonly kind: "event" }>;
  readonly operation: Write["operation"];
  readonly chunks: readonly ChunkDraft[];
  readonly ref: string;
}

/** Events that one statement inserts: some megabytes at most, as events are. */
const EVENTS_A_STATEMENT = 500;

/** The new events among the writes that follow each other from a position on; none shares an id or ref with another. */
export function newEventsFrom(
  { project }: WriteContext,
  writes: readonly Write[],
  from: number,
): readonly NewEvent[] {
  const found: NewEvent[] = [];
  const named = new Set<string>();
  for (const write of writes.slice(from, from + EVENTS_A_STATEMENT)) {
    const event = plainEvent(project, write);
    if (event === undefined || named.has(event.draft.row.id) || named.has(event.ref)) break;
    named.add(event.draft.row.id).add(event.ref);
    found.push(event);
  }
  return found;
}

function plainEvent(project: WriteContext["project"], write: Write): NewEvent | undefined {
  const { draft, chunks, operation, expectedRevision } = write;
  if (draft.kind !== "event" || chunks === "keep" || expectedRevision !== 0) return undefined;
  if (draft.row.project !== project || draft.row.supersedes !== undefined) return undefined;
  if (write.refs !== undefined) return undefined;
  const [ref] = refsOf("event", draft.row.id);
  const held = holdable(draft);
  if (ref === undefined || held.kind !== "event") return undefined;
  const kept = draft.row.deletedAt === undefined ? chunks.map(holdableChunk) : [];
  return { draft: held, operation, chunks: kept, ref };
}

/**
 * Inserts events with their history, passages and frequencies in one statement; `undefined`, and nothing is
 * written, when the project is unknown or an id or ref is taken: each by itself then tells more.
 */
export async function recordEvents(
  { client, context }: Pick<Transaction, "client" | "context">,
  events: readonly NewEvent[],
): Promise<readonly WriteResult[] | undefined> {
  const { tenant } = client;
  const { project, at, actor, batch = null } = context;
  const rows = events.map(({ draft, ref }) => ({
    tenant_id: tenant,
    ...recordOf(SHAPES.event, { ...draft.row, ref, revision: 1 }),
  }));
  const [answer] = await client.rows(
    `SELECT record_events(?::uuid, ?::uuid, ?::timestamptz, ?::text, ?::text, ?::json, ?::json, ?::json, ?::json)`,
    tenant,
    project,
    at,
    actor,
    batch,
    JSON.stringify(rows),
    JSON.stringify(events.map(historyOf)),
    JSON.stringify(events.flatMap(passagesOf)),
    JSON.stringify(countsOf(events)),
  );
  if (answer?.[0] !== true) return undefined;
  return events.map(({ draft, ref }) => ({ kind: "event", id: draft.row.id, ref, revision: 1 }));
}

function historyOf({ draft, operation }: NewEvent) {
  const { encoding, body } = packed(revisionText(draft));
  const { id, contentHash } = draft.row;
  const base64 = Buffer.from(body).toString("base64");
  return { id, operation, content_hash: contentHash, encoding, body: base64 };
}

function passagesOf({ draft, chunks }: NewEvent) {
  return chunks.map(({ ordinal, eventType, hidden, date, length, textHash, heading, terms, text }) => ({
    owner_id: draft.row.id,
    ordinal,
    event_type: eventType,
    hidden,
    date,
    length,
    text_hash: textHash,
    heading,
    terms,
    text,
    lexemes: wordsOf(terms),
  }));
}

function countsOf(events: readonly NewEvent[]) {
  const notes = new FrequencyNotes();
  for (const { chunks } of events) for (const chunk of chunks) notes.passage(chunk, 1);
  return notes.counts().map(([term, count]) => ({ term, count }));
}
