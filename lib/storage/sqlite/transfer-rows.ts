import { DEFAULT_TENANT, refsOf } from "../../domain/ids.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import { NO_PROJECT, takesRef, takesSlug } from "../neutral/missing-parts.ts";
import { packed } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { decideRow } from "../neutral/transfer-decisions.ts";
import { LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import { replacementOf } from "../neutral/transfer-replacement.ts";
import { noteImported } from "./batches.ts";
import { writeLinks } from "./links.ts";
import { encodeRow, insertSql, SCOPE, updateSql } from "./rows.ts";
import { hasProject, type TransferBatch } from "./transfer-batch.ts";
import { insertChange } from "./transfer-history.ts";
import { findRecord } from "./transfer-read.ts";

/** A plan, session, pattern or event, with a plan's links. Its passages come as records of their own. */
export function writeRow(batch: TransferBatch, record: RowRecord, index: number): void {
  const { db, tally, options } = batch;
  if (!hasProject(batch, record.project)) {
    tally.note(index, "failed", NO_PROJECT);
    return;
  }
  // SAFETY: the listing of a record's kind makes records of that kind.
  const listing = LISTINGS[record.record] as Listing<RowRecord>;
  const standing = findRecord(db, listing, keyOfRecord(record));
  if (!tally.decided(index, decideRow(record, standing, options.onConflict))) return;
  tally.written();
  if (options.dryRun === true) return;
  if (standing === undefined) insertRow(batch, named(batch, record, index));
  else replaceRow(batch, record, standing);
}

function insertRow(batch: TransferBatch, record: RowRecord): void {
  const { db } = batch;
  const shape = SHAPES[record.record];
  db.prepare(insertSql(shape)).run(...encodeRow(shape, record));
  if (record.record === "plan" && record.links.length > 0) writeLinks(db, record, record.links);
  noteImported(batch, record, 0);
}

/** The old row's passages go with it; those of the new one come later. */
function replaceRow(batch: TransferBatch, record: RowRecord, standing: RowRecord): void {
  const { db, passages, options } = batch;
  const { row, history } = replacementOf(record, standing, options);
  const shape = SHAPES[row.record];
  db.prepare(updateSql(shape)).run(...encodeRow(shape, row), row.project, row.id);
  if (row.record === "plan") writeLinks(db, row, row.links);
  passages.remove(row.project, row.record, row.id);
  noteImported(batch, row, standing.revision);
  if (history === undefined) return;
  const { encoding, body } = packed(history.text);
  db.prepare(
    `INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?)`,
  ).run(row.project, row.record, row.id, row.revision, encoding, body);
  insertChange(batch, history.change);
}

/** With a ref and a slug that are free. */
function named({ db, tally }: TransferBatch, record: RowRecord, index: number): RowRecord {
  const { table } = SHAPES[record.record];
  const isFree = (column: "ref" | "slug", value: string) =>
    db.prepare(`SELECT 1 FROM ${table} WHERE ${SCOPE} AND ${column} = ?`).get(record.project, value) ===
    undefined;
  const refs = [record.ref, ...refsOf(record.record, record.id)];
  const ref = refs.find((candidate) => isFree("ref", candidate)) ?? record.ref;
  if (ref !== record.ref) tally.note(index, "adjusted", takesRef(ref));
  if (record.record === "event") return { ...record, ref };
  let { slug } = record;
  for (let n = 2; !isFree("slug", slug); n++) slug = `${record.slug}~${n}`;
  if (slug !== record.slug) tally.note(index, "adjusted", takesSlug(slug, record.slug));
  return { ...record, ref, slug };
}
