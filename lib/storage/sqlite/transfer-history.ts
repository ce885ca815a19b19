import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import type { RecordOf } from "../../domain/transfer-record.ts";
import { NO_PROJECT, unnumbered } from "../neutral/missing-parts.ts";
import { packed } from "../neutral/revision-body.ts";
import { decideChange, decideHistory, decideSeal } from "../neutral/transfer-decisions.ts";
import { CHANGE_BY_ROW, LISTINGS } from "../neutral/transfer-listings.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { hasProject, once, ownerOf, type TransferBatch } from "./transfer-batch.ts";
import { findRecord } from "./transfer-read.ts";

type ChangeRecord = RecordOf<"change">;

export function writeRevision(batch: TransferBatch, record: RecordOf<"revision">, index: number): void {
  const { db, tally, options } = batch;
  const standing = findRecord(db, LISTINGS.revision, keyOfRecord(record));
  if (!tally.decided(index, decideHistory(record, standing, ownerOf(batch, record)))) return;
  tally.written();
  if (options.dryRun === true) return;
  const { encoding, body } = packed(record.body);
  db.prepare(
    `INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?)`,
  ).run(record.project, record.kind, record.id, record.revision, encoding, body);
}

/** A change keeps its sequence number where that is free. */
export function writeChange(batch: TransferBatch, record: ChangeRecord, index: number): void {
  const { db, tally, options } = batch;
  const standing = findRecord(db, CHANGE_BY_ROW, keyOfRecord(record));
  const isFree = record.seq === undefined || !isTaken(db, record.project, record.seq);
  const decision = decideChange(record, standing, { owner: ownerOf(batch, record), isFree });
  if (decision.act === "number") {
    tally.written();
    if (options.dryRun !== true) numberChange(db, record, decision.seq);
    return;
  }
  if (!tally.decided(index, decision)) return;
  tally.written();
  if (!isFree) tally.note(index, "adjusted", unnumbered(record.seq));
  if (options.dryRun !== true) insertChange(batch, isFree ? record : { ...record, seq: undefined });
}

export function writeSeal(batch: TransferBatch, record: RecordOf<"seal">, index: number): void {
  const { db, tally, options } = batch;
  if (!hasProject(batch, record.project)) {
    tally.note(index, "failed", NO_PROJECT);
    return;
  }
  if (!tally.decided(index, decideSeal(record, findRecord(db, LISTINGS.seal, keyOfRecord(record))))) return;
  tally.written();
  if (options.dryRun === true) return;
  const { project, store, fromSeq, toSeq, hash, previous, at } = record;
  db.prepare(
    `INSERT INTO change_seals (tenant_id, project_id, store_id, from_seq, to_seq, hash, previous, sealed_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?)`,
  ).run(project, store, fromSeq, toSeq, hash, previous, at);
}

/** Puts a line at the end of a project's log. */
export function insertChange({ db, found }: TransferBatch, record: ChangeRecord): void {
  const last = once(found, `position ${record.project}`, () => ({
    position: lastPosition(db, record.project),
  }));
  last.position += 1;
  const { project, seq = null, at, actor, kind, id, revision, operation, contentHash, batch = null } = record;
  db.prepare(
    `INSERT INTO changes (tenant_id, project_id, position, seq, at, actor, kind, row_id, revision, operation,
       content_hash, batch)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(project, last.position, seq, at, actor, kind, id, revision, operation, contentHash, batch);
}

function numberChange(db: Database, { project, id, kind, revision }: ChangeRecord, seq: number): void {
  const sql = `UPDATE changes SET seq = ? WHERE ${SCOPE} AND row_id = ? AND kind = ? AND revision = ?`;
  db.prepare(sql).run(seq, project, id, kind, revision);
}

function isTaken(db: Database, project: ProjectId, seq: number): boolean {
  return db.prepare(`SELECT 1 FROM changes WHERE ${SCOPE} AND seq = ?`).get(project, seq) !== undefined;
}

function lastPosition(db: Database, project: ProjectId): number {
  const sql = `SELECT max(position) AS last FROM changes WHERE ${SCOPE}`;
  return Number(db.prepare(sql).get(project)?.last ?? 0);
}
