import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Chunk } from "../contract/passages.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { type ChunkOwner, chunkOf, type StandingChunk, standingOf } from "../neutral/chunk-values.ts";
import { inParts } from "../neutral/in-parts.ts";
import { wordListArray } from "./binary-arrays.ts";
import type { Bindable, Client } from "./driver.ts";

const COLUMNS = "c.id, c.project_id, c.kind, c.owner_id, c.ordinal, c.heading, c.text, c.text_hash, c.date";
const OF_OWNER = "tenant_id = ? AND project_id = ? AND kind = ? AND owner_id = ?";

export async function selectChunksOfOwner(client: Client, owner: ChunkOwner): Promise<readonly Chunk[]> {
  const sql = `SELECT ${COLUMNS} FROM chunks c WHERE ${OF_OWNER} ORDER BY ordinal`;
  return (await client.rows(sql, ...keyOf(client, owner))).map(chunkOf);
}

/** In the order of the ids; ids without a row are left out. */
export async function selectChunksByIds(client: Client, ids: readonly number[]): Promise<readonly Chunk[]> {
  if (ids.length === 0) return [];
  const sql = `SELECT ${COLUMNS} FROM unnest(?::bigint[]) WITH ORDINALITY AS wanted (id, place)
    JOIN chunks c ON c.id = wanted.id AND c.tenant_id = ? ORDER BY place`;
  return (await client.last(sql, ids, client.tenant)).map(chunkOf);
}

/** What stands under an owner, by ordinal. */
export async function selectStanding(client: Client, owner: ChunkOwner): Promise<readonly StandingChunk[]> {
  const rows = await client.rows(
    `SELECT id, ordinal, heading, text, terms, length, text_hash, date, event_type, hidden
     FROM chunks WHERE ${OF_OWNER} ORDER BY ordinal`,
    ...keyOf(client, owner),
  );
  return rows.map(standingOf);
}

/** Where new passages belong; the number is the project's in their lexemes. */
export interface ChunkHome {
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly number: number;
}

export interface NewChunk {
  readonly owner: RowId;
  readonly draft: ChunkDraft;
}

/** Of a document of millions of characters: no statement may take long. */
const CHUNKS_A_STATEMENT = 250;

/** Returns the new passages' ids in the order given. */
export async function insertChunks(
  client: Client,
  home: ChunkHome,
  chunks: readonly NewChunk[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const part of inParts(chunks, CHUNKS_A_STATEMENT)) ids.push(...(await insertPart(client, home, part)));
  return ids;
}

const INSERT_CHUNKS = `INSERT INTO chunks (tenant_id, project_id, kind, owner_id, ordinal, event_type, hidden, date,
    length, text_hash, heading, terms, text, words)
  SELECT ?::uuid, ?::uuid, ?::text, d.owner, d.ordinal, d.event_type, d.hidden, d.date, d.length, d.text_hash,
    d.heading, d.terms, d.text, d.words
  FROM unnest(?::uuid[], ?::int[], ?::text[], ?::boolean[], ?::timestamptz[], ?::int[], ?::text[], ?::text[],
    ?::text[], ?::text[], ?::tsvector[]) WITH ORDINALITY AS d (owner, ordinal, event_type, hidden, date, length,
    text_hash, heading, terms, text, words, place) ORDER BY d.place`;

async function insertPart(
  client: Client,
  home: ChunkHome,
  chunks: readonly NewChunk[],
): Promise<readonly number[]> {
  const rows = await client.rows(
    `${INSERT_CHUNKS} RETURNING owner_id, ordinal, id`,
    ...valuesOf(client, home, chunks),
    chunks.map(({ draft }) => lexemesOf(home.number, draft.terms)),
  );
  const ids = new Map(
    rows.map(([owner, ordinal, id]) => [`${String(owner)} ${String(ordinal)}`, Number(id)]),
  );
  return chunks.map(({ owner, draft }) => ids.get(`${owner} ${draft.ordinal}`) ?? 0);
}

/** What {@link INSERT_CHUNKS} binds before the words. */
function valuesOf({ tenant }: Client, { project, kind }: ChunkHome, chunks: readonly NewChunk[]): Bindable[] {
  const drafts = chunks.map(({ draft }) => draft);
  return [
    tenant,
    project,
    kind,
    chunks.map(({ owner }) => owner),
    drafts.map(({ ordinal }) => ordinal),
    drafts.map(({ eventType }) => eventType ?? null),
    drafts.map(({ hidden }) => hidden),
    drafts.map(({ date }) => date),
    drafts.map(({ length }) => length),
    drafts.map(({ textHash }) => textHash),
    drafts.map(({ heading }) => heading),
    drafts.map(({ terms }) => terms),
    drafts.map(({ text }) => text),
  ];
}

export async function deleteChunks(
  client: Client,
  project: ProjectId,
  ids: readonly number[],
): Promise<void> {
  await client.run(
    "DELETE FROM chunks WHERE tenant_id = ? AND project_id = ? AND id = ANY (?::bigint[])",
    client.tenant,
    project,
    ids,
  );
}

/**
 * Passages of which none is there, without telling their ids.
 * @returns how many there are now
 */
export function insertNewChunks(
  client: Client,
  { project, kind, number }: ChunkHome,
  chunks: readonly NewChunk[],
): Promise<number> {
  const drafts = chunks.map(({ draft }) => draft);
  return client.run(
    INSERT_CHUNKS,
    ...valuesOf(client, { project, kind, number }, chunks),
    wordListArray(drafts.map(({ terms }) => lexemesIn(number, terms))),
  );
}

/** `a b a` of project 12 as `p12_a`, `p12_a=2`, `p12_b`, in any order: PostgreSQL sorts them itself. */
function lexemesIn(number: number, terms: string): readonly string[] {
  return wordsOf(terms).map((word) => `p${number}_${word}`);
}

/** The same as a literal of a tsvector. */
export function lexemesOf(number: number, terms: string): string {
  return lexemesIn(number, terms)
    .map((lexeme) => `'${lexeme}'`)
    .join(" ");
}

/** Every term once, and for a term said more than once also `…=2`. */
export function wordsOf(terms: string): readonly string[] {
  if (terms === "") return [];
  const counts = new Map<string, number>();
  for (const term of terms.split(" ")) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts].flatMap(([term, count]) => (count > 1 ? [term, `${term}=2`] : [term]));
}

function keyOf(
  { tenant }: Client,
  { project, kind, id }: ChunkOwner,
): readonly [string, string, string, string] {
  return [tenant, project, kind, id];
}
