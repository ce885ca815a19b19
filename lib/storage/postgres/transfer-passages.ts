import { grouped } from "../../domain/grouped.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { type RecordOf, spaceKey } from "../../domain/transfer-record.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { decidePassage, decideVector } from "../neutral/transfer-decisions.ts";
import { LISTINGS } from "../neutral/transfer-listings.ts";
import { insertChunks, selectStanding } from "./chunk-rows.ts";
import type { Client } from "./driver.ts";
import { openPassageWriter, readNumber } from "./passages.ts";
import { giveSpace, type StandingSpace, selectSpaces } from "./spaces.ts";
import { FrequencyNotes } from "./term-frequencies.ts";
import { type Indexed, ownersOf, type TransferBatch } from "./transfer-batch.ts";
import { findRecords, nameOf } from "./transfer-read.ts";
import { base64Of, literalOf } from "./vector-bytes.ts";
import { insertVectors } from "./vectors.ts";

type PassageRecord = RecordOf<"passage">;
type VectorRecord = RecordOf<"vector">;

export async function writeSpaces(
  { client, tally, options }: TransferBatch,
  records: readonly Indexed<RecordOf<"space">>[],
): Promise<void> {
  const known = new Set((await selectSpaces(client)).map(spaceKey));
  for (const { record, index } of records) {
    const decision = known.has(record.id)
      ? ({ act: "none", as: "unchanged" } as const)
      : ({ act: "insert" } as const);
    if (!tally.decided(index, decision)) continue;
    tally.written();
    if (options.dryRun !== true) await giveSpace(client, record);
  }
}

/** The word index and the frequencies are made from them. */
export async function writePassages(
  batch: TransferBatch,
  records: readonly Indexed<PassageRecord>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const given = records.map(({ record }) => record);
  const standing = await findRecords(client, LISTINGS.passage, given);
  const ownerOf = await ownersOf(batch, given);
  const coming: PassageRecord[] = [];
  for (const { record, index } of records) {
    const owner = ownerOf(record, record.ownerHash);
    const stands = standing.get(nameOf(record));
    const decision = decidePassage(record, stands, { owner, policy: options.onConflict });
    if (!tally.decided(index, decision)) continue;
    tally.written();
    if (decision.act === "insert") coming.push(record);
    else if (options.dryRun !== true) await replacePassage(client, record);
  }
  if (options.dryRun === true) return;
  for (const [project, of] of grouped(coming, (record) => record.project))
    await insertPassages(client, project, of);
}

async function insertPassages(
  client: Client,
  project: ProjectId,
  records: readonly PassageRecord[],
): Promise<void> {
  const number = await readNumber(client, project);
  const notes = new FrequencyNotes();
  for (const [kind, of] of grouped(records, (record) => record.kind)) {
    const chunks = of.map((record) => ({ owner: record.id, draft: draftOf(record) }));
    await insertChunks(client, { project, kind, number }, chunks);
    for (const { draft } of chunks) notes.passage(draft, 1);
  }
  await notes.write(client, project);
}

async function replacePassage(client: Client, record: PassageRecord): Promise<void> {
  const { project, kind, id } = record;
  const others = (await selectStanding(client, record)).filter(({ ordinal }) => ordinal !== record.ordinal);
  const passages = openPassageWriter(client, project);
  await passages.replace(kind, id, [...others, draftOf(record)]);
  await passages.flush();
}

export async function writeVectors(
  batch: TransferBatch,
  records: readonly Indexed<VectorRecord>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const spaces = new Map((await selectSpaces(client)).map((space) => [spaceKey(space), space]));
  const places = await findPlaces(client, records);
  const coming: Placed[] = [];
  for (const { record, index } of records) {
    const space = spaces.get(record.space);
    const passage = places.get(nameOf({ ...record, space: "" }));
    const standing = space && passage?.vectors.get(space.id);
    const decision = decideVector(record, { space, passage, standing }, options);
    if (!tally.decided(index, decision)) continue;
    tally.written();
    if (space && passage)
      coming.push({ record, space, chunk: passage.id, replaces: decision.act === "replace" });
  }
  if (options.dryRun !== true) await insertPlaced(client, coming);
}

interface Placed {
  readonly record: VectorRecord;
  readonly space: StandingSpace;
  readonly chunk: number;
  readonly replaces: boolean;
}

async function insertPlaced(client: Client, vectors: readonly Placed[]): Promise<void> {
  for (const [project, of] of grouped(vectors, ({ record }) => record.project)) {
    const notes = new FrequencyNotes();
    for (const { chunk, space, replaces } of of) {
      if (replaces) await deleteVector(client, project, { chunk, space });
      else notes.vectors(space.id, 1);
    }
    await insertVectors(
      client,
      project,
      of.map(({ record, space, chunk }) => ({
        ...{ chunk, space: space.id, textHash: record.textHash, embedding: literalOf(record.embedding) },
      })),
    );
    await notes.write(client, project);
  }
}

interface PassagePlace {
  readonly id: number;
  readonly textHash: string;
  /** Embeddings in base64 by number of their space. */
  readonly vectors: Map<number, string>;
}

/** The passages that vectors belong to, with the vectors that they have, by the vector's name without its space. */
async function findPlaces(
  client: Client,
  records: readonly Indexed<VectorRecord>[],
): Promise<ReadonlyMap<string, PassagePlace>> {
  const places = new Map<string, PassagePlace>();
  const wanted = [
    ...new Map(records.map(({ record }) => [nameOf({ ...record, space: "" }), record])).values(),
  ];
  const rows = await client.rows(
    `SELECT c.project_id, c.kind, c.owner_id, c.ordinal, c.id, c.text_hash, v.space_id, vector_send(v.embedding)
     FROM unnest(?::uuid[], ?::text[], ?::uuid[], ?::int[]) AS w (project, kind, owner, ordinal)
     JOIN chunks c ON c.tenant_id = ? AND c.project_id = w.project AND c.kind = w.kind AND c.owner_id = w.owner
       AND c.ordinal = w.ordinal
     LEFT JOIN vectors v ON v.tenant_id = c.tenant_id AND v.project_id = c.project_id AND v.chunk_id = c.id`,
    wanted.map(({ project }) => project),
    wanted.map(({ kind }) => kind),
    wanted.map(({ id }) => id),
    wanted.map(({ ordinal }) => ordinal),
    client.tenant,
  );
  for (const [project, kind, owner, ordinal, id, textHash, space, sent] of rows) {
    const name = JSON.stringify([project, kind, owner, Number(ordinal), ""]);
    const place = places.get(name) ?? { id: Number(id), textHash: String(textHash), vectors: new Map() };
    if (space !== null) place.vectors.set(Number(space), base64Of(sent));
    places.set(name, place);
  }
  return places;
}

async function deleteVector(
  client: Client,
  project: ProjectId,
  { chunk, space }: { readonly chunk: number; readonly space: StandingSpace },
): Promise<void> {
  await client.run(
    "DELETE FROM vectors WHERE tenant_id = ? AND project_id = ? AND chunk_id = ? AND space_id = ?",
    ...[client.tenant, project, chunk, space.id],
  );
}

export function draftOf(record: PassageRecord): ChunkDraft {
  const { ordinal, heading, text, terms, length, textHash, date, eventType, hidden } = record;
  return { ordinal, heading, text, terms, length, textHash, date, eventType, hidden };
}
