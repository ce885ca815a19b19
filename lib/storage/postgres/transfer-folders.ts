import { folded } from "../../domain/folded.ts";
import { refsOf } from "../../domain/ids.ts";
import type { FolderRecord, RecordOf } from "../../domain/transfer-record.ts";
import { leavesKey, takesRef } from "../neutral/missing-parts.ts";
import { decideFolder, decideProject } from "../neutral/transfer-decisions.ts";
import { LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import type { Client } from "./driver.ts";
import { addLacking } from "./projects.ts";
import { type Indexed, inProjects, type TransferBatch } from "./transfer-batch.ts";
import { findRecords, nameOf } from "./transfer-read.ts";

type ProjectRecord = RecordOf<"project">;

/** A project gains the keys and roots that it lacks; a key that belongs to another project stays there. */
export async function writeProjects(
  batch: TransferBatch,
  records: readonly Indexed<ProjectRecord>[],
): Promise<void> {
  const { client } = batch;
  // As when a project is registered: two may claim the same key at once.
  await client.rows(
    "SELECT pg_advisory_xact_lock(hashtextextended('aiknowsys register ' || ?, 0))",
    client.tenant,
  );
  for (const one of records) await writeProject(batch, one);
}

async function writeProject(
  { client, options, tally }: TransferBatch,
  { record, index }: Indexed<ProjectRecord>,
): Promise<void> {
  const standing = (await findRecords(client, LISTINGS.project, [record])).get(nameOf(record));
  const taken = await othersKeys(client, record);
  const keys = record.keys.filter((key) => !taken.has(key));
  const decision = decideProject({ ...record, keys }, standing, options.onConflict);
  if (!tally.decided(index, decision)) return;
  tally.written();
  for (const key of taken) tally.note(index, "adjusted", leavesKey(key));
  if (options.dryRun === true) return;
  const { id, name, createdAt } = record;
  if (standing === undefined) {
    const ref = await freeRef(client, record);
    if (ref !== record.ref) tally.note(index, "adjusted", takesRef(ref));
    await client.run(
      "INSERT INTO projects (tenant_id, id, ref, name, name_folded, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[client.tenant, id, ref, name, folded(name), createdAt],
    );
    await client.run("INSERT INTO project_numbers (tenant_id, project_id) VALUES (?, ?)", client.tenant, id);
  } else if (decision.act === "replace") {
    await client.run(
      "UPDATE projects SET name = ?, name_folded = ?, created_at = ? WHERE tenant_id = ? AND id = ?",
      ...[name, folded(name), createdAt, client.tenant, id],
    );
  }
  await addLacking(client, "project_keys (tenant_id, project_id, key, position)", id, keys);
  await addLacking(client, "project_roots (tenant_id, project_id, root, position)", id, record.roots);
}

async function othersKeys(client: Client, { id, keys }: ProjectRecord): Promise<ReadonlySet<string>> {
  const rows = await client.rows(
    "SELECT key FROM project_keys WHERE tenant_id = ? AND key = ANY (?::text[]) AND project_id <> ?",
    client.tenant,
    keys,
    id,
  );
  return new Set(rows.map(([key]) => String(key)));
}

async function freeRef(client: Client, { id, ref }: ProjectRecord): Promise<string> {
  const refs = [ref, ...refsOf("project", id)];
  const rows = await client.rows(
    "SELECT ref FROM projects WHERE tenant_id = ? AND ref = ANY (?::text[])",
    client.tenant,
    refs,
  );
  const taken = new Set(rows.map(([one]) => String(one)));
  return refs.find((candidate) => !taken.has(candidate)) ?? ref;
}

/** What index runs have seen. */
export async function writeSeen<Seen extends FolderRecord>(
  batch: TransferBatch,
  given: readonly Indexed<Seen>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const records = await inProjects(batch, given);
  const [first] = records;
  if (first === undefined) return;
  // SAFETY: the listing of a record's kind makes records of that kind; all of these are of one kind.
  const listing = LISTINGS[first.record.record] as unknown as Listing<Seen>;
  const standing = await findRecords(
    client,
    listing,
    records.map(({ record }) => record),
  );
  const coming = records.filter(({ record, index }) =>
    tally.decided(index, decideFolder(record, standing.get(nameOf(record)))),
  );
  for (const _ of coming) tally.written();
  if (options.dryRun === true || coming.length === 0) return;
  const rows = coming.map(({ record }) => ({ tenant_id: client.tenant, ...columnsOf(record) }));
  const { table } = listing;
  await client.run(
    `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, ?)`,
    JSON.stringify(rows),
  );
}

function columnsOf(record: FolderRecord): Readonly<Record<string, unknown>> {
  const { project, root } = record;
  const of = { project_id: project, root };
  switch (record.record) {
    case "run":
      return { ...of, globs: record.globs, indexed_at: record.at };
    case "file": {
      const { path, kind, id, size, modifiedMs, fileHash, redact } = record;
      return { ...of, path, kind, row_id: id, size, modified_ms: modifiedMs, file_hash: fileHash, redact };
    }
    case "folder":
      return { ...of, path: record.path, modified_ms: record.modifiedMs };
    default:
      return record satisfies never;
  }
}
