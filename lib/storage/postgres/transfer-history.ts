import type { RecordOf } from "../../domain/transfer-record.ts";
import { unnumbered } from "../neutral/missing-parts.ts";
import { packed } from "../neutral/revision-body.ts";
import { decideChange, decideHistory, decideSeal } from "../neutral/transfer-decisions.ts";
import { CHANGE_BY_ROW, LISTINGS } from "../neutral/transfer-listings.ts";
import { bytesArray } from "./binary-arrays.ts";
import type { Client } from "./driver.ts";
import { type Indexed, inProjects, ownersOf, type TransferBatch } from "./transfer-batch.ts";
import { findRecords, nameOf } from "./transfer-read.ts";

type ChangeRecord = RecordOf<"change">;
type RevisionRecord = RecordOf<"revision">;

export async function writeRevisions(
  batch: TransferBatch,
  records: readonly Indexed<RevisionRecord>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const given = records.map(({ record }) => record);
  const standing = await findRecords(client, LISTINGS.revision, given);
  const ownerOf = await ownersOf(batch, given);
  const coming = records.filter(({ record, index }) =>
    tally.decided(index, decideHistory(record, standing.get(nameOf(record)), ownerOf(record))),
  );
  for (const _ of coming) tally.written();
  if (options.dryRun === true) return;
  await insertRevisions(
    client,
    coming.map(({ record }) => record),
  );
}

/** A change keeps its sequence number where that is free. */
export async function writeChanges(
  batch: TransferBatch,
  records: readonly Indexed<ChangeRecord>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const given = records.map(({ record }) => record);
  const standing = await findRecords(client, CHANGE_BY_ROW, given);
  const ownerOf = await ownersOf(batch, given);
  const taken = await takenNumbers(client, given);
  const coming: ChangeRecord[] = [];
  const numbered: { readonly record: ChangeRecord; readonly seq: number }[] = [];
  for (const { record, index } of records) {
    const { project, seq } = record;
    const isFree = seq === undefined || !taken.has(`${project} ${seq}`);
    const stands = standing.get(nameOf(record));
    const decision = decideChange(record, stands, { owner: ownerOf(record), isFree });
    if (decision.act === "number") numbered.push({ record, seq: decision.seq });
    else if (tally.decided(index, decision)) coming.push(isFree ? record : { ...record, seq: undefined });
    else continue;
    tally.written();
    if (isFree) taken.add(`${project} ${seq}`);
    else tally.note(index, "adjusted", unnumbered(seq));
  }
  if (options.dryRun === true) return;
  for (const { record, seq } of numbered) await numberChange(client, record, seq);
  await insertChanges(client, coming);
}

export async function writeSeals(
  batch: TransferBatch,
  given: readonly Indexed<RecordOf<"seal">>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const records = await inProjects(batch, given);
  const standing = await findRecords(
    client,
    LISTINGS.seal,
    records.map(({ record }) => record),
  );
  const coming = records.filter(({ record, index }) =>
    tally.decided(index, decideSeal(record, standing.get(nameOf(record)))),
  );
  for (const _ of coming) tally.written();
  if (options.dryRun === true || coming.length === 0) return;
  const rows = coming.map(({ record: { project, store, fromSeq, toSeq, hash, previous, at } }) => ({
    ...{ tenant_id: client.tenant, project_id: project, store_id: store, from_seq: fromSeq, to_seq: toSeq },
    ...{ hash, previous, sealed_at: at },
  }));
  await client.run(
    "INSERT INTO change_seals SELECT * FROM json_populate_recordset(NULL::change_seals, ?)",
    JSON.stringify(rows),
  );
}

/** How many there are now. */
export async function insertRevisions(client: Client, records: readonly RevisionRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  const bodies = records.map(({ body }) => packed(body));
  return client.run(
    `INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
     SELECT ?::uuid, r.* FROM unnest(?::uuid[], ?::text[], ?::uuid[], ?::int[], ?::text[], ?::bytea[]) AS r`,
    client.tenant,
    records.map(({ project }) => project),
    records.map(({ kind }) => kind),
    records.map(({ id }) => id),
    records.map(({ revision }) => revision),
    bodies.map(({ encoding }) => encoding),
    bytesArray(bodies.map(({ body }) => body)),
  );
}

/** Puts lines at the end of their projects' logs, in this order. */
export async function insertChanges(client: Client, records: readonly ChangeRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  return client.run(
    `INSERT INTO changes (tenant_id, project_id, seq, at, actor, kind, row_id, revision, operation, content_hash, batch)
     SELECT ?::uuid, c.project, c.seq, c.at, c.actor, c.kind, c.id, c.revision, c.operation, c.hash, c.batch
     FROM unnest(?::uuid[], ?::bigint[], ?::timestamptz[], ?::text[], ?::text[], ?::uuid[], ?::int[], ?::text[],
       ?::text[], ?::text[]) WITH ORDINALITY
       AS c (project, seq, at, actor, kind, id, revision, operation, hash, batch, place) ORDER BY c.place`,
    client.tenant,
    records.map(({ project }) => project),
    records.map(({ seq }) => (seq === undefined ? null : String(seq))),
    records.map(({ at }) => at),
    records.map(({ actor }) => actor),
    records.map(({ kind }) => kind),
    records.map(({ id }) => id),
    records.map(({ revision }) => revision),
    records.map(({ operation }) => operation),
    records.map(({ contentHash }) => contentHash),
    records.map(({ batch }) => batch ?? null),
  );
}

async function takenNumbers(client: Client, records: readonly ChangeRecord[]): Promise<Set<string>> {
  const sealed = records.filter(({ seq }) => seq !== undefined);
  const rows = await client.rows(
    `SELECT c.project_id, c.seq FROM unnest(?::uuid[], ?::bigint[]) AS w (project, seq)
     JOIN changes c ON c.tenant_id = ? AND c.project_id = w.project AND c.seq = w.seq`,
    sealed.map(({ project }) => project),
    sealed.map(({ seq = 0 }) => seq),
    client.tenant,
  );
  return new Set(rows.map(([project, seq]) => `${String(project)} ${Number(seq)}`));
}

async function numberChange(
  client: Client,
  { project, id, kind, revision }: ChangeRecord,
  seq: number,
): Promise<void> {
  await client.run(
    `UPDATE changes SET seq = ? WHERE tenant_id = ? AND project_id = ? AND row_id = ? AND kind = ? AND revision = ?`,
    ...[seq, client.tenant, project, id, kind, revision],
  );
}
