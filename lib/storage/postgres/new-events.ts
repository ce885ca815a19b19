import { refsOf } from "../../domain/ids.ts";
import type { Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { holdable, holdableChunk } from "../neutral/holdable.ts";
import { packed, revisionText } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";
import type { PassageWriter } from "./passages.ts";
import type { Transaction } from "./put-row.ts";
import { encodeRow, insertSql, SCOPE } from "./rows.ts";

/** A new event that touches no other row, and the ref it takes. */
export interface NewEvent {
  readonly draft: Extract<Write["draft"], { readonly kind: "event" }>;
  readonly operation: Write["operation"];
  readonly chunks: Exclude<Write["chunks"], "keep">;
  readonly ref: string;
}

/** Rows that one statement inserts: far below the 65,535 parameters that the protocol allows. */
const ROWS_A_STATEMENT = 100;

/** Those of the writes, by position, that are new events which can be inserted together with their neighbours. */
export async function findNewEvents(
  { client, context }: Pick<Transaction, "client" | "context">,
  writes: readonly Write[],
): Promise<ReadonlyMap<number, NewEvent>> {
  const found = new Map<number, NewEvent>();
  for (const [i, write] of writes.entries()) {
    const event = plainEvent(context, write);
    if (event !== undefined) found.set(i, event);
  }
  if (found.size < 2) return new Map();
  const events = [...found.values()];
  const standing = await standingOf(client, context, events);
  const named = new Set<string>();
  for (const [i, { draft, ref }] of found) {
    const isTaken = [draft.row.id, ref].some((name) => standing.has(name) || named.has(name));
    if (isTaken) found.delete(i);
    named.add(draft.row.id).add(ref);
  }
  return found;
}

function plainEvent({ project }: WriteContext, write: Write): NewEvent | undefined {
  const { draft, chunks, operation, expectedRevision } = write;
  if (draft.kind !== "event" || chunks === "keep" || expectedRevision !== 0) return undefined;
  if (draft.row.project !== project || draft.row.supersedes !== undefined) return undefined;
  const [ref] = refsOf("event", draft.row.id);
  const held = holdable(draft);
  if (ref === undefined || held.kind !== "event") return undefined;
  const kept = draft.row.deletedAt === undefined ? chunks.map(holdableChunk) : [];
  return { draft: held, operation, chunks: kept, ref };
}

async function standingOf(
  client: Client,
  { project }: WriteContext,
  events: readonly NewEvent[],
): Promise<ReadonlySet<string>> {
  const rows = await client.rows(
    `SELECT id, ref FROM events WHERE ${SCOPE} AND (id = ANY (?::uuid[]) OR ref = ANY (?::text[]))`,
    client.tenant,
    project,
    events.map(({ draft }) => draft.row.id),
    events.map(({ ref }) => ref),
  );
  return new Set(rows.flatMap(([id, ref]) => [String(id), String(ref)]));
}

/** Inserts events with their history and passages, many rows a statement. */
export async function insertEvents(
  { client, context, passages }: Transaction,
  events: readonly NewEvent[],
): Promise<readonly WriteResult[]> {
  for (let i = 0; i < events.length; i += ROWS_A_STATEMENT) {
    const some = events.slice(i, i + ROWS_A_STATEMENT);
    await insertRows(client, some);
    await insertHistory(client, context, some);
    await insertPassages(passages, some);
  }
  return events.map(({ draft, ref }) => ({ kind: "event", id: draft.row.id, ref, revision: 1 }));
}

async function insertRows(client: Client, events: readonly NewEvent[]): Promise<void> {
  const one = insertSql(SHAPES.event);
  const marks = one.slice(one.indexOf("VALUES ") + "VALUES ".length);
  const sql = one.replace(marks, events.map(() => marks).join(", "));
  const values = events.flatMap(({ draft, ref }) => [
    client.tenant,
    ...encodeRow(SHAPES.event, { ...draft.row, ref, revision: 1 }),
  ]);
  await client.run(sql, ...values);
}

async function insertHistory(
  client: Client,
  context: WriteContext,
  events: readonly NewEvent[],
): Promise<void> {
  const bodies = events.map(({ draft }) => packed(revisionText(draft)));
  await client.run(
    `INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
     SELECT ?::uuid, ?::uuid, 'event', id, 1, encoding, decode(body, 'hex')
     FROM unnest(?::uuid[], ?::text[], ?::text[]) AS e (id, encoding, body)`,
    client.tenant,
    context.project,
    events.map(({ draft }) => draft.row.id),
    bodies.map(({ encoding }) => encoding),
    bodies.map(({ body }) => Buffer.from(body).toString("hex")),
  );
  await client.run(
    `INSERT INTO changes (tenant_id, project_id, kind, row_id, revision, at, actor, operation, content_hash, batch)
     SELECT ?::uuid, ?::uuid, 'event', id, 1, ?::timestamptz, ?::text, operation, hash, ?::text
     FROM unnest(?::uuid[], ?::text[], ?::text[]) WITH ORDINALITY AS e (id, operation, hash, place) ORDER BY place`,
    client.tenant,
    context.project,
    context.at,
    context.actor,
    context.batch ?? null,
    events.map(({ draft }) => draft.row.id),
    events.map(({ operation }) => operation),
    events.map(({ draft }) => draft.row.contentHash),
  );
}

async function insertPassages(passages: PassageWriter, events: readonly NewEvent[]): Promise<void> {
  await passages.addMany(
    "event",
    events.map(({ draft, chunks }) => ({ id: draft.row.id, chunks })),
  );
}
