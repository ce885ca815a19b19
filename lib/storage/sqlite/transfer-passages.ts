import { keyOfRecord } from "../../domain/record-order.ts";
import type { RecordOf } from "../../domain/transfer-record.ts";
import { spaceKey } from "../../domain/transfer-record.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { decidePassage, decideVector } from "../neutral/transfer-decisions.ts";
import { LISTINGS } from "../neutral/transfer-listings.ts";
import { selectStanding } from "./chunk-rows.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { giveSpace, type StandingSpace, selectSpaces } from "./spaces.ts";
import { once, ownerOf, type TransferBatch } from "./transfer-batch.ts";
import { findRecord } from "./transfer-read.ts";
import { bytesOf, insertVector } from "./vectors.ts";

export function writeSpace({ db, tally, options }: TransferBatch, record: RecordOf<"space">): void {
  const isThere = selectSpaces(db).some((space) => spaceKey(space) === record.id);
  if (isThere) {
    tally.decided(0, { act: "none", as: "unchanged" });
    return;
  }
  tally.written();
  if (options.dryRun !== true) giveSpace(db, record);
}

/** The word index and the frequencies follow by the passage store. */
export function writePassage(batch: TransferBatch, record: RecordOf<"passage">, index: number): void {
  const { db, passages, tally, options } = batch;
  const owner = ownerOf(batch, record, record.ownerHash);
  const standing = findRecord(db, LISTINGS.passage, keyOfRecord(record));
  const decision = decidePassage(record, standing, { owner, policy: options.onConflict });
  if (!tally.decided(index, decision)) return;
  tally.written();
  if (options.dryRun === true) return;
  const { project, kind, id } = record;
  if (decision.act === "insert") passages.add(project, kind, id, [draftOf(record)]);
  else {
    const others = selectStanding(db, record).filter(({ ordinal }) => ordinal !== record.ordinal);
    passages.replace(project, kind, id, [...others, draftOf(record)]);
  }
}

export function writeVector(batch: TransferBatch, record: RecordOf<"vector">, index: number): void {
  const { db, tally, options, found } = batch;
  const spaces = once(
    found,
    "spaces",
    () => new Map(selectSpaces(db).map((space) => [spaceKey(space), space])),
  );
  const space = spaces.get(record.space);
  const passage = findPassage(db, record);
  const place = passage && space && { passage, space };
  const standing = place && findVector(db, record, place);
  const decision = decideVector(record, { space, passage, standing }, options);
  if (!tally.decided(index, decision)) return;
  tally.written();
  if (options.dryRun === true || place === undefined) return;
  if (decision.act === "replace") deleteVector(db, record, place);
  const { project, textHash } = record;
  const embedding = Buffer.from(record.embedding, "base64");
  insertVector(db, project, place.passage.id, { space: place.space.id, textHash, embedding });
  batch.coded.set(`${project} ${record.space}`, { project, space: place.space });
}

/** Takes a vector away, if it is there. */
export function deleteVectorOf({ db }: TransferBatch, record: RecordOf<"vector">): void {
  const passage = findPassage(db, record);
  const space = selectSpaces(db).find((one) => spaceKey(one) === record.space);
  if (passage !== undefined && space !== undefined) deleteVector(db, record, { passage, space });
}

interface Place {
  readonly passage: { readonly id: number };
  readonly space: StandingSpace;
}

function findPassage(
  db: Database,
  { project, kind, id, ordinal }: RecordOf<"vector">,
): { readonly id: number; readonly textHash: string } | undefined {
  const row = db
    .prepare(`SELECT id, text_hash FROM chunks WHERE ${SCOPE} AND kind = ? AND owner_id = ? AND ordinal = ?`)
    .raw(project, kind, id, ordinal)[0];
  return row && { id: Number(row[0]), textHash: String(row[1]) };
}

function findVector(
  db: Database,
  { project }: RecordOf<"vector">,
  { passage, space }: Place,
): string | undefined {
  const row = db
    .prepare(`SELECT embedding FROM vectors WHERE ${SCOPE} AND chunk_id = ? AND space_id = ?`)
    .raw(project, passage.id, space.id)[0];
  return row && Buffer.from(bytesOf(row[0])).toString("base64");
}

function deleteVector(db: Database, { project }: RecordOf<"vector">, { passage, space }: Place): void {
  const sql = `DELETE FROM vectors WHERE ${SCOPE} AND chunk_id = ? AND space_id = ?`;
  db.prepare(sql).run(project, passage.id, space.id);
}

function draftOf(record: RecordOf<"passage">): ChunkDraft {
  const { ordinal, heading, text, terms, length, textHash, date, eventType, hidden } = record;
  return { ordinal, heading, text, terms, length, textHash, date, eventType, hidden };
}
