import { folded } from "../../domain/folded.ts";
import { DEFAULT_TENANT } from "../../domain/ids.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import type { RecordOf, TransferRecord } from "../../domain/transfer-record.ts";
import type { CopyStep } from "../contract/copy.ts";
import type { TransferNote, TransferOptions } from "../contract/transfer.ts";
import { CHANGE_BY_ROW, LISTINGS } from "../neutral/transfer-listings.ts";
import { TransferTally } from "../neutral/transfer-notes.ts";
import { selectStanding } from "./chunk-rows.ts";
import type { Bindable, Database } from "./driver.ts";
import type { PassageStore } from "./passages.ts";
import { SCOPE } from "./rows.ts";
import { deleteProject } from "./tenancy.ts";
import type { TransferBatch } from "./transfer-batch.ts";
import { insertChange } from "./transfer-history.ts";
import { deleteVectorOf } from "./transfer-passages.ts";
import { findRecord } from "./transfer-read.ts";
import { settleBatch, writeRecord } from "./transfer-write.ts";

interface Parts {
  readonly db: Database;
  readonly passages: PassageStore;
}

/** What stands under these keys gives way; nothing is decided here, so no change line comes of it. */
const OPTIONS: TransferOptions = { onConflict: "replace", at: "", actor: "" };

/** The rows of a step of `Copy.take`, inside its transaction. */
export function takeRecords({ db, passages }: Parts, step: CopyStep): readonly TransferNote[] {
  const { remove = [], put = [] } = step;
  const tally = new TransferTally();
  const batch: TransferBatch = {
    ...{ db, passages, tally, options: OPTIONS },
    ...{ found: new Map(), coded: new Map() },
  };
  for (const record of remove) removeRecord(batch, record);
  // All that is replaced goes first, so that no name is taken by a row that loses it in the same step.
  for (const record of put) makeRoom(batch, record);
  for (const [index, record] of put.entries()) putRecord(batch, record, index);
  settleBatch(batch);
  return tally.result().notes;
}

function removeRecord(batch: TransferBatch, record: TransferRecord): void {
  const { db, passages } = batch;
  switch (record.record) {
    case "space":
      // It goes when it has no vectors any more.
      return;
    case "change":
      // The same line may stand with a number by now.
      deleteWhere(db, "changes", [...CHANGE_BY_ROW.key, "seq"], [...keyOfRecord(record), record.seq ?? null]);
      return;
    case "passage": {
      const others = selectStanding(db, record).filter(({ ordinal }) => ordinal !== record.ordinal);
      passages.replace(record.project, record.kind, record.id, others);
      return;
    }
    case "vector":
      deleteVectorOf(batch, record);
      return;
    case "project":
      deleteProject(db, record.id);
      return;
    case "plan":
      deleteLinks(db, record);
      break;
    default:
  }
  const { table, key } = LISTINGS[record.record];
  deleteWhere(db, table, key, keyOfRecord(record));
}

function makeRoom(batch: TransferBatch, record: TransferRecord): void {
  switch (record.record) {
    case "project":
      deleteLists(batch.db, record);
      return;
    case "change":
    case "space":
    case "passage":
    case "vector":
      return;
    default:
      removeRecord(batch, record);
  }
}

function putRecord(batch: TransferBatch, record: TransferRecord, index: number): void {
  if (record.record === "change") {
    putChange(batch, record);
    return;
  }
  if (record.record === "project") renameProject(batch.db, record);
  writeRecord(batch, record, index);
}

/** A line keeps its place in the log; its number comes later than it does. */
function putChange(batch: TransferBatch, record: RecordOf<"change">): void {
  const { db } = batch;
  const { project, kind, id, revision, seq = null, at, actor, operation, contentHash } = record;
  const free = `UPDATE changes SET seq = NULL
    WHERE ${SCOPE} AND seq = ? AND NOT (row_id = ? AND kind = ? AND revision = ?)`;
  db.prepare(free).run(project, seq, id, kind, revision);
  if (findRecord(db, CHANGE_BY_ROW, keyOfRecord(record)) === undefined) {
    insertChange(batch, record);
    return;
  }
  db.prepare(
    `UPDATE changes SET seq = ?, at = ?, actor = ?, operation = ?, content_hash = ?, batch = ?
     WHERE ${SCOPE} AND row_id = ? AND kind = ? AND revision = ?`,
  ).run(...[seq, at, actor, operation, contentHash, record.batch ?? null], ...[project, id, kind, revision]);
}

/** Its keys and folders come anew, in their order. */
function deleteLists(db: Database, { id }: RecordOf<"project">): void {
  for (const table of ["project_keys", "project_roots"])
    db.prepare(`DELETE FROM ${table} WHERE ${SCOPE}`).run(id);
}

function renameProject(db: Database, { id, ref, name, createdAt }: RecordOf<"project">): void {
  const sql = `UPDATE projects SET ref = ?, name = ?, name_folded = ?, created_at = ?
    WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`;
  db.prepare(sql).run(ref, name, folded(name), createdAt, id);
}

function deleteLinks(db: Database, { project, id }: RecordOf<"plan">): void {
  db.prepare(`DELETE FROM plan_links WHERE ${SCOPE} AND plan_id = ?`).run(project, id);
}

function deleteWhere(db: Database, table: string, key: readonly string[], values: readonly Bindable[]): void {
  const where = key.map((column) => `${column} IS ?`).join(" AND ");
  db.prepare(`DELETE FROM ${table} WHERE tenant_id = '${DEFAULT_TENANT}' AND ${where}`).run(...values);
}
