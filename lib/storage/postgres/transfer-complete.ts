import { grouped } from "../../domain/grouped.ts";
import type { Kind } from "../../domain/ids.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import type { TransferRecord } from "../../domain/transfer-record.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";

/** Adds what stands in other tables. */
export async function completed<Record extends TransferRecord>(
  client: Client,
  records: readonly Record[],
): Promise<readonly Record[]> {
  switch (records[0]?.record) {
    case "project":
      return Promise.all(records.map((record) => withLists(client, record)));
    case "plan":
      return withLinks(client, records);
    case "passage":
      return withOwnerHashes(client, records);
    default:
      return records;
  }
}

async function withLists<Record extends TransferRecord>(client: Client, record: Record): Promise<Record> {
  if (record.record !== "project") return record;
  const list = async (column: "key" | "root") => {
    const sql = `SELECT ${column} FROM project_${column}s WHERE tenant_id = ? AND project_id = ? ORDER BY position`;
    return (await client.rows(sql, client.tenant, record.id)).map(([text]) => String(text));
  };
  return { ...record, keys: await list("key"), roots: await list("root") };
}

async function withLinks<Record extends TransferRecord>(
  client: Client,
  records: readonly Record[],
): Promise<readonly Record[]> {
  const [projects, ids] = [
    records.map((row) => String(keyOfRecord(row)[0])),
    records.map((row) => String(keyOfRecord(row)[1])),
  ];
  const rows = await client.rows(
    `SELECT l.plan_id, l.rel, l.target FROM unnest(?::uuid[], ?::uuid[]) AS p (project, id)
     JOIN plan_links l ON l.tenant_id = ? AND l.project_id = p.project AND l.plan_id = p.id ORDER BY l.position`,
    ...[projects, ids, client.tenant],
  );
  const links = grouped(rows, ([plan]) => String(plan));
  return records.map((record) =>
    record.record === "plan"
      ? {
          ...record,
          links: (links.get(record.id) ?? []).map(([, rel, target]) => ({
            rel: String(rel),
            target: String(target),
          })),
        }
      : record,
  );
}

async function withOwnerHashes<Record extends TransferRecord>(
  client: Client,
  records: readonly Record[],
): Promise<readonly Record[]> {
  const hashes = new Map<string, string>();
  for (const [kind, of] of grouped(records, (record) => String(keyOfRecord(record)[1]))) {
    const owners = [...new Map(of.map((record) => [ownerName(record), keyOfRecord(record)])).values()];
    // SAFETY: the second value of a passage's key is its kind.
    const { table } = SHAPES[kind as Kind];
    const rows = await client.rows(
      `SELECT t.project_id, t.id, t.content_hash FROM unnest(?::uuid[], ?::uuid[]) AS o (project, id)
       JOIN ${table} t ON t.tenant_id = ? AND t.project_id = o.project AND t.id = o.id`,
      owners.map(([project]) => String(project)),
      owners.map(([, , id]) => String(id)),
      client.tenant,
    );
    for (const [project, id, hash] of rows) hashes.set(`${project} ${kind} ${id}`, String(hash));
  }
  return records.map((record) => ({ ...record, ownerHash: hashes.get(ownerName(record)) ?? "" }));
}

function ownerName(record: TransferRecord): string {
  return keyOfRecord(record).slice(0, 3).join(" ");
}
