import { grouped } from "../../domain/grouped.ts";
import type { Kind, ProjectId } from "../../domain/ids.ts";
import {
  type RecordKind,
  type RecordOf,
  spaceKey,
  type TransferRecord,
} from "../../domain/transfer-record.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { unfitting } from "../neutral/vector-bytes.ts";
import { vectorArray } from "./binary-arrays.ts";
import { insertNewChunks } from "./chunk-rows.ts";
import type { Client } from "./driver.ts";
import { readNumber } from "./passages.ts";
import { selectSpaces } from "./spaces.ts";
import { FrequencyNotes } from "./term-frequencies.ts";
import { insertChanges, insertRevisions } from "./transfer-history.ts";
import { draftOf } from "./transfer-passages.ts";
import { insertRows } from "./transfer-rows.ts";

/** Thrown where one of the records stands already, or does not come just as it is. */
export class NotAllFresh extends Error {}

type Insert<Name extends RecordKind> = (
  client: Client,
  records: readonly RecordOf<Name>[],
  turn: Promise<unknown>,
) => Promise<number>;

const INSERTS: { readonly [Name in RecordKind]?: Insert<Name> } = {
  ...{ plan: insertRows, session: insertRows, pattern: insertRows, event: insertRows },
  revision: async (client, records) => {
    const [owned, written] = await Promise.all([
      countOwned(client, records, { column: "revision", type: "int", fits: ">=" }),
      insertRevisions(client, records),
    ]);
    return Math.min(owned, written);
  },
  change: async (client, records, turn) => {
    const owned = await countOwned(client, records, { column: "revision", type: "int", fits: ">=" });
    if (owned !== records.length) return owned;
    await turn;
    return insertChanges(client, records);
  },
  passage: insertPassages,
  vector: insertVectors,
};

/** Records of this kind can be written by {@link insertFresh}. */
export function canBeFresh(kind: RecordKind): boolean {
  return INSERTS[kind] !== undefined;
}

/**
 * Writes records of one kind as if none of them stood: nothing is looked up, and the keys of the tables tell. Most
 * transfers go into an empty store.
 * @param turn settled when changes may be put into the log
 * @throws NotAllFresh or the database's error when they must be decided one by one: the transaction is to be undone
 */
export async function insertFresh(
  client: Client,
  records: readonly TransferRecord[],
  turn: Promise<unknown>,
): Promise<void> {
  const [first] = records;
  if (first === undefined) return;
  // SAFETY: the table holds for each kind an insert of its records, and all of these are of one kind.
  const insert = INSERTS[first.record] as Insert<RecordKind> | undefined;
  if ((await insert?.(client, records, turn)) !== records.length)
    throw new NotAllFresh("Not all of them are new.");
}

interface Fitting {
  readonly column: "revision" | "content_hash";
  readonly type: "int" | "text";
  /** How the owner's value compares with the record's. */
  readonly fits: ">=" | "=";
}

/** Of how many records the row that they belong to is there, in a version that fits. */
async function countOwned(
  client: Client,
  records: readonly RecordOf<"revision" | "change" | "passage">[],
  { column, type, fits }: Fitting,
): Promise<number> {
  let count = 0;
  for (const [kind, of] of grouped(records, (record) => record.kind)) {
    const [row] = await client.rows(
      `SELECT count(*)::int FROM unnest(?::uuid[], ?::uuid[], ?::${type}[]) AS r (project, id, value)
       JOIN ${SHAPES[kind].table} t ON t.tenant_id = ? AND t.project_id = r.project AND t.id = r.id
         AND t.${column} ${fits} r.value`,
      of.map(({ project }) => project),
      of.map(({ id }) => id),
      of.map((record) => String(record.record === "passage" ? record.ownerHash : record.revision)),
      client.tenant,
    );
    count += Number(row?.[0]);
  }
  return count;
}

async function insertPassages(client: Client, records: readonly RecordOf<"passage">[]): Promise<number> {
  const owned = await countOwned(client, records, { column: "content_hash", type: "text", fits: "=" });
  if (owned !== records.length) return owned;
  let written = 0;
  for (const [project, of] of grouped(records, (record) => record.project)) {
    const number = await readNumber(client, project);
    const notes = new FrequencyNotes();
    for (const record of of) notes.passage(record, 1);
    for (const [kind, ofKind] of grouped(of, (record) => record.kind))
      written += await insertOfKind(client, { project, kind, number }, ofKind);
    await notes.write(client, project);
  }
  return written;
}

function insertOfKind(
  client: Client,
  home: { readonly project: ProjectId; readonly kind: Kind; readonly number: number },
  records: readonly RecordOf<"passage">[],
): Promise<number> {
  return insertNewChunks(
    client,
    home,
    records.map((record) => ({ owner: record.id, draft: draftOf(record) })),
  );
}

async function insertVectors(client: Client, records: readonly RecordOf<"vector">[]): Promise<number> {
  const [[type], spaces] = await Promise.all([
    client.rows("SELECT 'vector'::regtype::oid::int"),
    selectSpaces(client),
  ]);
  const known = new Map(spaces.map((space) => [spaceKey(space), space]));
  const isFitting = ({ space, embedding }: RecordOf<"vector">) => {
    const dimensions = known.get(space)?.dimensions;
    return dimensions !== undefined && unfitting(Buffer.from(embedding, "base64"), dimensions) === undefined;
  };
  if (!records.every(isFitting)) return 0;
  let written = 0;
  for (const [project, of] of grouped(records, (record) => record.project)) {
    written += await client.run(
      `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
       SELECT c.tenant_id, c.project_id, c.id, v.space, v.text_hash, v.embedding
       FROM unnest(?::text[], ?::uuid[], ?::int[], ?::bigint[], ?::text[], ?::vector[])
         AS v (kind, owner, ordinal, space, text_hash, embedding)
       JOIN chunks c ON c.tenant_id = ? AND c.project_id = ? AND c.kind = v.kind AND c.owner_id = v.owner
         AND c.ordinal = v.ordinal AND c.text_hash = v.text_hash`,
      of.map(({ kind }) => kind),
      of.map(({ id }) => id),
      of.map(({ ordinal }) => ordinal),
      of.map(({ space }) => known.get(space)?.id ?? 0),
      of.map(({ textHash }) => textHash),
      vectorArray(
        of.map(({ embedding }) => embedding),
        Number(type?.[0]),
      ),
      client.tenant,
      project,
    );
    const notes = new FrequencyNotes();
    for (const [space, ofSpace] of grouped(of, (record) => record.space))
      notes.vectors(known.get(space)?.id ?? 0, ofSpace.length);
    await notes.write(client, project);
  }
  return written;
}
