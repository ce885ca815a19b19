import { KINDS, type Kind } from "../../domain/ids.ts";
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
import { LISTINGS } from "../neutral/transfer-listings.ts";
import type { Client, Database, RawRow } from "./driver.ts";
import { readRecords, readRows } from "./transfer-read.ts";

/** Rows that one transaction reads; fewer where they are large. */
const SLICE = 500;

/** Rows that are not what their newest revision says, and revisions that are not what was sealed of them. */
export async function checkWritten(database: Database): Promise<readonly Finding[]> {
  const faults = new FaultList();
  const counted: Finding[] = [];
  for (const kind of KINDS) {
    counted.push(...(await database.read((client) => checkCounts(client, kind))));
    await inSlices(database, (client, after) => checkRows(client, kind, { after, faults }));
  }
  await inSlices(database, (client, after) => checkRevisions(client, { after, faults }));
  return [...counted, ...faults.findings()];
}

interface Slice {
  readonly after: string | undefined;
  readonly faults: FaultList;
}

/** One short transaction a slice: a long one would keep the database from cleaning up. @param check gives the next key */
async function inSlices(
  database: Database,
  check: (client: Client, after: string | undefined) => Promise<string | undefined>,
): Promise<void> {
  let after: string | undefined;
  do after = await database.read((client) => check(client, after));
  while (after !== undefined);
}

async function checkRows(client: Client, kind: Kind, { after, faults }: Slice): Promise<string | undefined> {
  const { records, next } = await readRecords(client, kind, { after, limit: SLICE });
  // SAFETY: the listing of a kind of row gives records of rows.
  const rows = records as readonly RowRecord[];
  const kept = await client.rows(
    `SELECT v.encoding, v.body, c.content_hash
     FROM unnest(?::uuid[], ?::uuid[], ?::integer[]) WITH ORDINALITY AS w (project_id, row_id, revision, place)
     LEFT JOIN revisions v ON v.tenant_id = ? AND v.project_id = w.project_id
       AND v.kind = '${kind}' AND v.row_id = w.row_id AND v.revision = w.revision
     LEFT JOIN changes c ON c.tenant_id = ? AND c.project_id = w.project_id
       AND c.row_id = w.row_id AND c.kind = '${kind}' AND c.revision = w.revision
     ORDER BY w.place`,
    rows.map(({ project }) => project),
    rows.map(({ id }) => id),
    rows.map(({ revision }) => revision),
    client.tenant,
    client.tenant,
  );
  for (const [i, row] of rows.entries()) {
    const [encoding, body, contentHash] = kept[i] ?? [];
    faults.add(rowFault(row, { encoding, body, contentHash }));
  }
  return next;
}

async function checkRevisions(client: Client, { after, faults }: Slice): Promise<string | undefined> {
  const { rows, next } = await readRows(client, LISTINGS.revision, { after, limit: SLICE });
  const hashes = await lineHashes(client, rows);
  for (const [i, [project, kind, id, revision, encoding, body]] of rows.entries())
    faults.add(revisionFault([project, kind, id, revision], { encoding, body, contentHash: hashes[i]?.[0] }));
  return next === undefined ? undefined : JSON.stringify(next);
}

/** The content hash of each revision's change line, or null. */
async function lineHashes(client: Client, revisions: readonly RawRow[]): Promise<readonly RawRow[]> {
  const column = (i: number) => revisions.map((revision) => String(revision[i]));
  return client.rows(
    `SELECT c.content_hash
     FROM unnest(?::uuid[], ?::text[], ?::uuid[], ?::integer[]) WITH ORDINALITY
       AS w (project_id, kind, row_id, revision, place)
     LEFT JOIN changes c ON c.tenant_id = ? AND c.project_id = w.project_id
       AND c.row_id = w.row_id AND c.kind = w.kind AND c.revision = w.revision
     ORDER BY w.place`,
    ...[column(0), column(1), column(2), column(3)],
    client.tenant,
  );
}

async function checkCounts(client: Client, kind: Kind): Promise<readonly Finding[]> {
  const { table } = SHAPES[kind];
  const count = async (sql: string) => Number((await client.rows(sql, client.tenant, kind))[0]?.[0]);
  return countedFaults(table, await count(setBackSql(table, "?")), await count(takenOutSql(table, "?")));
}
