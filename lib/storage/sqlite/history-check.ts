import { DEFAULT_TENANT, KINDS, type Kind } from "../../domain/ids.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import type { Finding } from "../contract/upkeep.ts";
import {
  countedFaults,
  FaultList,
  revisionFault,
  rowFault,
  setBackSql,
  takenOutSql,
} from "../neutral/history-faults.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { readRecords } from "./transfer-read.ts";

/** Rows that are read at once; fewer where they are large. */
const SLICE = 500;

/** Rows that are not what their newest revision says, and revisions that are not what was sealed of them. */
export function checkWritten(db: Database): readonly Finding[] {
  const faults = new FaultList();
  for (const kind of KINDS) checkRows(db, kind, faults);
  checkRevisions(db, faults);
  return [...KINDS.flatMap((kind) => checkCounts(db, kind)), ...faults.findings()];
}

function checkRows(db: Database, kind: Kind, faults: FaultList): void {
  const kept = db.prepare(
    `SELECT v.encoding, v.body, c.content_hash FROM (SELECT ? AS project_id, ? AS row_id, ? AS revision) AS w
     LEFT JOIN revisions v ON v.tenant_id = '${DEFAULT_TENANT}' AND v.project_id = w.project_id
       AND v.kind = '${kind}' AND v.row_id = w.row_id AND v.revision = w.revision
     LEFT JOIN changes c ON c.tenant_id = '${DEFAULT_TENANT}' AND c.project_id = w.project_id
       AND c.row_id = w.row_id AND c.kind = '${kind}' AND c.revision = w.revision`,
  );
  let after: string | undefined;
  do {
    const { records, next } = readRecords(db, kind, { after, limit: SLICE });
    for (const record of records) {
      // SAFETY: the listing of a kind of row gives records of rows.
      const row = record as RowRecord;
      const [encoding, body, contentHash] = kept.raw(row.project, row.id, row.revision)[0] ?? [];
      faults.add(rowFault(row, { encoding, body, contentHash }));
    }
    after = next;
  } while (after !== undefined);
}

function checkRevisions(db: Database, faults: FaultList): void {
  const revisions = db.prepare(
    `SELECT v.project_id, v.kind, v.row_id, v.revision, v.encoding, v.body, c.content_hash
     FROM revisions v LEFT JOIN changes c ON c.tenant_id = v.tenant_id AND c.project_id = v.project_id
       AND c.row_id = v.row_id AND c.kind = v.kind AND c.revision = v.revision
     WHERE v.tenant_id = '${DEFAULT_TENANT}'`,
  );
  for (const [project, kind, id, revision, encoding, body, contentHash] of revisions.iterate())
    faults.add(revisionFault([project, kind, id, revision], { encoding, body, contentHash }));
}

function checkCounts(db: Database, kind: Kind): readonly Finding[] {
  const { table } = SHAPES[kind];
  const count = (sql: string) => Number(db.prepare(sql).raw(kind)[0]?.[0]);
  const tenant = `'${DEFAULT_TENANT}'`;
  return countedFaults(table, count(setBackSql(table, tenant)), count(takenOutSql(table, tenant)));
}
