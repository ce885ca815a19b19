import type pg from "pg";
import { refsOf } from "../../lib/domain/ids.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { type EventInput, recordEvents } from "../../lib/knowledge/record-event.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import type { ChunkDraft, Write } from "../../lib/storage/contract/writes.ts";
import { packed, revisionText } from "../../lib/storage/neutral/revision-body.ts";
import { SHAPES } from "../../lib/storage/neutral/shapes.ts";
import { lexemesOf } from "../../lib/storage/postgres/chunk-rows.ts";
import { encodeRow } from "../../lib/storage/postgres/rows.ts";
import { FrequencyNotes } from "../../lib/storage/postgres/term-frequencies.ts";
import { clientFor } from "./owner.ts";
import type { BenchProject, BenchTenant } from "./tenants.ts";

const BATCH = 1_000;
type EventDraft = Extract<Write["draft"], { readonly kind: "event" }>;
type Records = readonly Readonly<Record<string, unknown>>[];

/** Fills a project with generated events, drafted by the product and stored in bulk, and counts its terms. */
export async function loadProject(
  owner: pg.Client,
  deps: Deps,
  { tenant, of }: { readonly tenant: BenchTenant; readonly of: BenchProject },
  newEvent: () => EventInput,
): Promise<void> {
  const { project, events } = of;
  const client = clientFor(owner, tenant.id);
  const [found] = await client.rows("SELECT number FROM project_numbers WHERE project_id = ?", project.id);
  const notes = new FrequencyNotes();
  let before: Promise<void> = Promise.resolve();
  for (let done = 0; done < events; done += BATCH) {
    const size = Math.min(BATCH, events - done);
    const writes = await draftEvents(deps, of, Array.from({ length: size }, newEvent));
    for (const { chunks } of writes) for (const chunk of chunksOf(chunks)) notes.passage(chunk, 1);
    // The server stores one batch while this process drafts the next.
    await before;
    before = insertBatch(owner, writes, { tenant: tenant.id, number: Number(found?.[0]) });
    before.catch(() => undefined);
  }
  await before;
  await notes.write(client, project.id);
}

/** What the product would write for these events: the path of `recordEvents` up to the store. */
async function draftEvents(
  deps: Deps,
  { project }: BenchProject,
  inputs: readonly EventInput[],
): Promise<readonly Write[]> {
  const drafted: Write[] = [];
  const catching = {
    transaction: async (_: unknown, writes: readonly Write[]) => {
      drafted.push(...writes);
      return writes.map(({ draft }) => ({ kind: draft.kind, id: draft.row.id, ref: "", revision: 1 }));
    },
    events: { byIds: async () => [] },
  };
  // SAFETY: recording events that name no other rows calls nothing else of a store.
  await recordEvents({ ...deps, storage: catching as unknown as StorageAdapter }, project, inputs);
  return drafted;
}

async function insertBatch(
  owner: pg.Client,
  writes: readonly Write[],
  { tenant, number }: { readonly tenant: string; readonly number: number },
): Promise<void> {
  const events = writes.flatMap(({ draft, chunks }) =>
    draft.kind === "event" ? [{ draft, chunks: chunksOf(chunks) }] : [],
  );
  await insert(
    owner,
    "events",
    events.map(({ draft }) => eventRecord(tenant, draft)),
  );
  await insert(
    owner,
    "revisions",
    events.map(({ draft }) => revisionRecord(tenant, draft)),
  );
  await insert(
    owner,
    "changes",
    events.map(({ draft }) => changeRecord(tenant, draft)),
  );
  await insert(
    owner,
    "chunks",
    events.flatMap(({ draft, chunks }) =>
      chunks.map((chunk) => chunkRecord(tenant, { draft, chunk, number })),
    ),
  );
}

async function insert(owner: pg.Client, table: string, records: Records): Promise<void> {
  const [first] = records;
  if (first === undefined) return;
  const columns = Object.keys(first).join(", ");
  await owner.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(null::${table}, $1)`,
    [JSON.stringify(records)],
  );
}

function eventRecord(tenant: string, { row }: EventDraft) {
  const { fields, body, folded } = SHAPES.event;
  const [ref] = refsOf("event", row.id);
  const values = encodeRow(SHAPES.event, { ...row, ref, revision: 1 });
  const columns = [...fields, ...body, ...folded];
  const record = Object.fromEntries(
    columns.map(({ column }, i) => [
      column,
      JSON_COLUMNS.has(column) ? JSON.parse(String(values[i])) : values[i],
    ]),
  );
  return { tenant_id: tenant, ...record };
}

const JSON_COLUMNS = new Set(
  SHAPES.event.fields.filter((field) => field.codec === "json").map(({ column }) => column),
);

function revisionRecord(tenant: string, draft: EventDraft) {
  const { encoding, body } = packed(revisionText(draft));
  return {
    ...keyOf(tenant, draft),
    row_id: draft.row.id,
    revision: 1,
    encoding,
    body: `\\x${Buffer.from(body).toString("hex")}`,
  };
}

function changeRecord(tenant: string, draft: EventDraft) {
  return {
    ...keyOf(tenant, draft),
    row_id: draft.row.id,
    revision: 1,
    at: draft.row.recordedAt,
    actor: "bench",
    operation: "create",
    content_hash: draft.row.contentHash,
  };
}

interface LoadedChunk {
  readonly draft: EventDraft;
  readonly chunk: ChunkDraft;
  readonly number: number;
}

function chunkRecord(tenant: string, { draft, chunk, number }: LoadedChunk) {
  const { ordinal, eventType, hidden, date, length, textHash, heading, terms, text } = chunk;
  return {
    ...keyOf(tenant, draft),
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
    words: lexemesOf(number, terms),
  };
}

function keyOf(tenant: string, { row }: EventDraft) {
  return { tenant_id: tenant, project_id: row.project, kind: "event" };
}

function chunksOf(chunks: Write["chunks"]): readonly ChunkDraft[] {
  return chunks === "keep" ? [] : chunks;
}
