import { folded } from "../../domain/folded.ts";
import { DEFAULT_TENANT, refsOf } from "../../domain/ids.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import type { FolderRecord, RecordOf } from "../../domain/transfer-record.ts";
import { leavesKey, NO_PROJECT, takesRef } from "../neutral/missing-parts.ts";
import { decideFolder, decideProject } from "../neutral/transfer-decisions.ts";
import { LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import type { Bindable, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { hasProject, type TransferBatch } from "./transfer-batch.ts";
import { findRecord } from "./transfer-read.ts";

type ProjectRecord = RecordOf<"project">;
const TENANT = `tenant_id = '${DEFAULT_TENANT}'`;

/** A project gains the keys and roots that it lacks; a key that belongs to another project stays there. */
export function writeProject(batch: TransferBatch, record: ProjectRecord, index: number): void {
  const { db, tally, options } = batch;
  const standing = findRecord(db, LISTINGS.project, [record.id]);
  const taken = record.keys.filter((key) => isOthers(db, record, key));
  const keys = record.keys.filter((key) => !taken.includes(key));
  const decision = decideProject({ ...record, keys }, standing, options.onConflict);
  if (!tally.decided(index, decision)) return;
  tally.written();
  for (const key of taken) tally.note(index, "adjusted", leavesKey(key));
  if (options.dryRun === true) return;
  if (standing === undefined) insertProject(batch, record, index);
  else if (decision.act === "replace") renameProject(db, record);
  addLacking(db, "key", record, keys);
  addLacking(db, "root", record, record.roots);
}

/** What index runs have seen. */
export function writeSeen(batch: TransferBatch, record: FolderRecord, index: number): void {
  const { db, tally, options } = batch;
  if (!hasProject(batch, record.project)) {
    tally.note(index, "failed", NO_PROJECT);
    return;
  }
  // SAFETY: the listing of a record's kind makes records of that kind.
  const listing = LISTINGS[record.record] as Listing<FolderRecord>;
  if (!tally.decided(index, decideFolder(record, findRecord(db, listing, keyOfRecord(record))))) return;
  tally.written();
  if (options.dryRun === true) return;
  const { table, columns } = listing;
  db.prepare(
    `INSERT INTO ${table} (tenant_id, ${columns.join()})
     VALUES ('${DEFAULT_TENANT}', ${columns.map(() => "?").join()})`,
  ).run(...valuesOf(record));
}

function valuesOf(record: FolderRecord): readonly Bindable[] {
  switch (record.record) {
    case "run":
      return [record.project, record.root, record.globs, record.at];
    case "file": {
      const { project, root, path, kind, id, size, modifiedMs, fileHash, redact } = record;
      return [project, root, path, kind, id, size, modifiedMs, fileHash, redact ? 1 : 0];
    }
    case "folder":
      return [record.project, record.root, record.path, record.modifiedMs];
    default:
      return record satisfies never;
  }
}

function isOthers(db: Database, { id }: ProjectRecord, key: string): boolean {
  const sql = `SELECT 1 FROM project_keys WHERE ${TENANT} AND key = ? AND project_id <> ?`;
  return db.prepare(sql).get(key, id) !== undefined;
}

function insertProject({ db, tally }: TransferBatch, record: ProjectRecord, index: number): void {
  const { id, name, createdAt } = record;
  const taken = db.prepare(`SELECT 1 FROM projects WHERE ${TENANT} AND ref = ?`);
  const refs = [record.ref, ...refsOf("project", id)];
  const ref = refs.find((candidate) => taken.get(candidate) === undefined) ?? record.ref;
  if (ref !== record.ref) tally.note(index, "adjusted", takesRef(ref));
  db.prepare(
    `INSERT INTO projects (tenant_id, id, ref, name, name_folded, created_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?)`,
  ).run(id, ref, name, folded(name), createdAt);
}

function renameProject(db: Database, { id, name, createdAt }: ProjectRecord): void {
  const sql = `UPDATE projects SET name = ?, name_folded = ?, created_at = ? WHERE ${TENANT} AND id = ?`;
  db.prepare(sql).run(name, folded(name), createdAt, id);
}

function addLacking(
  db: Database,
  column: "key" | "root",
  { id }: ProjectRecord,
  values: readonly string[],
): void {
  const table = `project_${column}s`;
  const insert = db.prepare(
    `INSERT INTO ${table} (tenant_id, project_id, ${column}, position)
     SELECT '${DEFAULT_TENANT}', ?, ?, (SELECT coalesce(max(position) + 1, 0) FROM ${table} WHERE ${SCOPE})
     WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE ${SCOPE} AND ${column} = ?)`,
  );
  for (const value of values) insert.run(id, value, id, id, value);
}
