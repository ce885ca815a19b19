import type { BatchRow, RowImport } from "../../domain/change.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import type { BatchPage } from "../contract/upkeep.ts";
import type { Database, RawRow } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { TransferBatch } from "./transfer-batch.ts";

/** Rows of the log of changes, or those that came with their own history: a batch has but one sort of them. */
const FROM_CHANGES = `SELECT kind, row_id, min(revision) - 1, max(revision) FROM changes`;
const FROM_IMPORTS = `SELECT kind, row_id, min(revision_before), max(revision) FROM imported_rows`;

export function readBatch(
  db: Database,
  project: ProjectId,
  batch: string,
  { after, limit }: BatchPage,
): readonly BatchRow[] {
  const read = (from: string) =>
    db
      .prepare(
        `${from} WHERE ${SCOPE} AND batch = ? AND (kind, row_id) > (?, ?)
         GROUP BY kind, row_id ORDER BY kind, row_id LIMIT ?`,
      )
      .raw(project, batch, after?.kind ?? "", after?.id ?? "", limit);
  const imported = read(FROM_IMPORTS);
  return (imported.length > 0 ? imported : read(FROM_CHANGES)).map(rowOf);
}

export function countBatch(db: Database, project: ProjectId, batch: string): number {
  const count = (table: string) =>
    Number(
      db
        .prepare(
          `SELECT count(*) FROM (SELECT DISTINCT kind, row_id FROM ${table} WHERE ${SCOPE} AND batch = ?)`,
        )
        .raw(project, batch)[0]?.[0],
    );
  return count("imported_rows") || count("changes");
}

export function readImports(db: Database, project: ProjectId, id: string): readonly RowImport[] {
  const rows = db
    .prepare(`SELECT at, actor, batch FROM imported_rows WHERE ${SCOPE} AND row_id = ? ORDER BY at, batch`)
    .raw(project, id);
  // SAFETY: STRICT columns and CHECKs hold every value to its type.
  return rows.map(([at, actor, batch]) => ({ at, actor, batch }) as RowImport);
}

/** Remembers a row that came; where it comes twice in one batch, what it was at before the first. @param before its revision, 0 without one */
export function noteImported({ db, options }: TransferBatch, row: RowRecord, before: number): void {
  const { batch, at, actor } = options;
  if (batch === undefined) return;
  db.prepare(
    `INSERT INTO imported_rows (tenant_id, project_id, batch, kind, row_id, revision_before, revision, at, actor)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, project_id, batch, kind, row_id) DO UPDATE SET revision = excluded.revision`,
  ).run(row.project, batch, row.record, row.id, before, row.revision, at, actor);
}

function rowOf([kind, id, before, revision]: RawRow): BatchRow {
  // SAFETY: STRICT columns and CHECKs hold every value to its type.
  return { kind, id, before: Number(before), revision: Number(revision) } as BatchRow;
}
