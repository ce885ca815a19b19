import { KINDS, type ProjectId } from "../../domain/ids.ts";
import { type RecordOf, spaceKey, type TransferRecord } from "../../domain/transfer-record.ts";
import type { RowName } from "../contract/transfer.ts";
import { CHANGE_BY_ROW, LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import type { Client } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { selectSpaces } from "./spaces.ts";
import { completed } from "./transfer-complete.ts";
import { base64Of } from "./vector-bytes.ts";

/** Everything that belongs to rows; see `Transfer.ofRows`. */
export async function readOfRows(
  client: Client,
  rows: readonly RowName[],
): Promise<readonly TransferRecord[]> {
  const found: TransferRecord[] = [];
  for (const kind of KINDS) {
    const of = rows.filter((row) => row.kind === kind);
    if (of.length > 0)
      found.push(...(await under<TransferRecord>(client, LISTINGS[kind], of, "t.id = r.id")));
  }
  const ofKind = "t.kind = r.kind AND t.row_id = r.id";
  found.push(...(await under(client, LISTINGS.revision, rows, ofKind)));
  found.push(...(await under(client, CHANGE_BY_ROW, rows, ofKind)));
  found.push(...(await under(client, LISTINGS.passage, rows, "t.kind = r.kind AND t.owner_id = r.id")));
  return [...found, ...(await vectorsOf(client, rows))];
}

export async function readSealsAfter(
  client: Client,
  project: ProjectId,
  seq: number,
): Promise<readonly RecordOf<"seal">[]> {
  const { table, columns, make } = LISTINGS.seal;
  const sql = `SELECT ${columns.join()} FROM ${table} WHERE ${SCOPE} AND to_seq > ? ORDER BY store_id, from_seq`;
  return (await client.rows(sql, client.tenant, project, seq)).map(make);
}

const NAMES = "unnest(?::uuid[], ?::text[], ?::uuid[]) AS r (project, kind, id)";

/** The records of a listing that belong to rows. @param theirs how, beside tenant and project */
async function under<Record extends TransferRecord>(
  client: Client,
  { table, columns, key, make }: Listing<Record>,
  rows: readonly RowName[],
  theirs: string,
): Promise<readonly Record[]> {
  const found = await client.rows(
    `SELECT ${columns.map((column) => `t.${column}`).join()} FROM ${NAMES}
     JOIN ${table} t ON t.tenant_id = ? AND t.project_id = r.project AND ${theirs}
     ORDER BY ${key.map((column) => `t.${column}`).join()}`,
    ...columnsOf(rows),
    client.tenant,
  );
  return completed(client, found.map(make));
}

async function vectorsOf(client: Client, rows: readonly RowName[]): Promise<readonly RecordOf<"vector">[]> {
  const spaces = new Map((await selectSpaces(client)).map(({ id, ...space }) => [id, spaceKey(space)]));
  const found = await client.rows(
    `SELECT t.project_id, t.kind, t.owner_id, t.ordinal, v.space_id, v.text_hash, vector_send(v.embedding)
     FROM ${NAMES}
     JOIN chunks t ON t.tenant_id = ? AND t.project_id = r.project AND t.kind = r.kind AND t.owner_id = r.id
     JOIN vectors v ON v.tenant_id = t.tenant_id AND v.project_id = t.project_id AND v.chunk_id = t.id
     ORDER BY t.project_id, t.kind, t.owner_id, t.ordinal`,
    ...columnsOf(rows),
    client.tenant,
  );
  const records = found.map(([project, kind, id, ordinal, space, textHash, sent]) => ({
    ...{ record: "vector", project, kind, id, ordinal: Number(ordinal), textHash },
    ...{ space: spaces.get(Number(space)) ?? "", embedding: base64Of(sent) },
  }));
  // SAFETY: the columns' types and CHECKs hold every value to its type.
  return records as unknown as readonly RecordOf<"vector">[];
}

function columnsOf(rows: readonly RowName[]): readonly (readonly string[])[] {
  return [rows.map(({ project }) => project), rows.map(({ kind }) => kind), rows.map(({ id }) => id)];
}
