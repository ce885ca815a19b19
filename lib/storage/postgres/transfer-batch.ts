import { grouped } from "../../domain/grouped.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { TransferRecord } from "../../domain/transfer-record.ts";
import type { TransferOptions } from "../contract/transfer.ts";
import { comingOwner, isProjectComing, type OwnerName, ownerKey } from "../neutral/coming.ts";
import { NO_PROJECT } from "../neutral/missing-parts.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { StandingOwner } from "../neutral/transfer-decisions.ts";
import type { TransferTally } from "../neutral/transfer-notes.ts";
import type { Client } from "./driver.ts";

/** Records on their way into the store, in one transaction. */
export interface TransferBatch {
  readonly client: Client;
  readonly options: TransferOptions;
  readonly tally: TransferTally;
}

/** A record with its position in what was given. */
export interface Indexed<Record extends TransferRecord> {
  readonly record: Record;
  readonly index: number;
}

/** The records whose project is there; in a dry run it may come with this transfer. */
export async function inProjects<Record extends TransferRecord & { readonly project: ProjectId }>(
  { client, options, tally }: TransferBatch,
  records: readonly Indexed<Record>[],
): Promise<readonly Indexed<Record>[]> {
  const projects = [...new Set(records.map(({ record }) => record.project))];
  const rows = await client.rows(
    "SELECT id FROM projects WHERE tenant_id = ? AND id = ANY (?::uuid[])",
    client.tenant,
    projects,
  );
  const known = new Set(rows.map(([id]) => String(id)));
  return records.filter(({ record, index }) => {
    if (known.has(record.project) || isProjectComing(options, record.project)) return true;
    tally.note(index, "failed", NO_PROJECT);
    return false;
  });
}

/** Looks up the rows that records belong to; in a dry run they may come with this transfer. */
export async function ownersOf(
  { client, options }: TransferBatch,
  names: readonly OwnerName[],
): Promise<(name: OwnerName, ownerHash?: string) => StandingOwner | undefined> {
  const found = new Map<string, StandingOwner>();
  for (const [kind, of] of grouped(names, (name) => name.kind)) {
    const unique = [...new Map(of.map((name) => [ownerKey(name), name])).values()];
    const rows = await client.rows(
      `SELECT t.project_id, t.id, t.revision, t.content_hash
       FROM unnest(?::uuid[], ?::uuid[]) AS o (project, id) JOIN ${SHAPES[kind].table} t
       ON t.tenant_id = ? AND t.project_id = o.project AND t.id = o.id`,
      unique.map(({ project }) => project),
      unique.map(({ id }) => id),
      client.tenant,
    );
    for (const [project, id, revision, contentHash] of rows) {
      const owner = { revision: Number(revision), contentHash: String(contentHash) };
      found.set(`${String(project)} ${kind} ${String(id)}`, owner);
    }
  }
  return (name, ownerHash = "") => found.get(ownerKey(name)) ?? comingOwner(options, name, ownerHash);
}
