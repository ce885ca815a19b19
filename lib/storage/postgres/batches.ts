import type { BatchRow, RowImport } from "../../domain/change.ts";
import type { ProjectId, RowId } from "../../domain/ids.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import type { BatchPage } from "../contract/upkeep.ts";
import type { Client, RawRow } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { TransferBatch } from "./transfer-batch.ts";

/** Rows of the log of changes, or those that came with their own history: a batch has but one sort of them. */
const FROM_CHANGES = `SELECT kind, row_id, min(revision) - 1, max(revision) FROM changes`;
const FROM_IMPORTS = `SELECT kind, row_id, min(revision_before), max(revision) FROM imported_rows`;
/** Before every id. */
const NO_ID = "00000000-0000-0000-0000-000000000000";

export async function readBatch(
  client: Client,
  project: ProjectId,
  batch: string,
  { after, limit }: BatchPage,
): Promise<readonly BatchRow[]> {
  const read = (from: string) =>
    client.rows(
      `${from} WHERE ${SCOPE} AND batch = ? AND (kind, row_id) > (?::text, ?::uuid)
       GROUP BY kind, row_id ORDER BY kind, row_id LIMIT ?`,
      ...[client.tenant, project, batch, after?.kind ?? "", after?.id ?? NO_ID, limit],
    );
  const imported = await read(FROM_IMPORTS);
  return (imported.length > 0 ? imported : await read(FROM_CHANGES)).map(rowOf);
}

export async function countBatch(client: Client, project: ProjectId, batch: string): Promise<number> {
  const count = async (table: string) => {
    const sql = `SELECT count(*) FROM (SELECT DISTINCT kind, row_id FROM ${table} WHERE ${SCOPE} AND batch = ?) r`;
    const [row] = await client.rows(sql, client.tenant, project, batch);
    return Number(row?.[0]);
  };
  return (await count("imported_rows")) || (await count("changes"));
}

export async function readImports(
  client: Client,
  project: ProjectId,
  id: RowId,
): Promise<readonly RowImport[]> {
  const rows = await client.rows(
    `SELECT at, actor, batch FROM imported_rows WHERE ${SCOPE} AND row_id = ? ORDER BY at, batch`,
    ...[client.tenant, project, id],
  );
  // SAFETY: the columns' types hold every value to its own.
  return rows.map(([at, actor, batch]) => ({ at, actor, batch }) as RowImport);
}

/** A row that came, and the revision that it was at before, 0 without one. */
export interface ImportedRow {
  readonly row: RowRecord;
  readonly before: number;
}

/** Remembers rows that came; where one comes twice in a batch, what it was at before the first. */
export async function noteImported(
  { client, options }: Pick<TransferBatch, "client" | "options">,
  rows: readonly ImportedRow[],
): Promise<void> {
  const { batch, at, actor } = options;
  if (batch === undefined || rows.length === 0) return;
  await client.run(
    `INSERT INTO imported_rows (tenant_id, project_id, batch, kind, row_id, revision_before, revision, at, actor)
     SELECT ?::uuid, r.project, ?, r.kind, r.id, r.before, r.revision, ?::timestamptz, ?
     FROM unnest(?::uuid[], ?::text[], ?::uuid[], ?::int[], ?::int[]) AS r (project, kind, id, before, revision)
     ON CONFLICT (tenant_id, project_id, batch, kind, row_id) DO UPDATE SET revision = excluded.revision`,
    ...[client.tenant, batch, at, actor],
    rows.map(({ row }) => row.project),
    rows.map(({ row }) => row.record),
    rows.map(({ row }) => row.id),
    rows.map(({ before }) => before),
    rows.map(({ row }) => row.revision),
  );
}

function rowOf([kind, id, before, revision]: RawRow): BatchRow {
  // SAFETY: the columns' types and CHECKs hold every value to its own.
  return { kind, id, before: Number(before), revision: Number(revision) } as BatchRow;
}
