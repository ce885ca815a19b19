import type { Change, HistoryEntry } from "../../domain/change.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { FIRST_SEAL, MOST_SEALED, sealHash } from "../../domain/seal.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { Changes } from "../contract/upkeep.ts";
import { countBatch, readBatch, readImports } from "./batches.ts";
import type { Bindable, Client, Database, RawRow } from "./driver.ts";
import { readRevision } from "./revisions.ts";
import { SCOPE } from "./rows.ts";

const COLUMNS = "seq, at, actor, project_id, kind, row_id, revision, operation, content_hash, batch";
export const STORE_ID = "(SELECT value::uuid FROM store_info WHERE name = 'store_id')";

export function openChanges(database: Database): Changes {
  const read = (sql: string, project: ProjectId, ...values: readonly Bindable[]) =>
    database.read((client) => readChanges(client, sql, project, values));
  return {
    ofRow: async (project, id) => (await read("AND row_id = ? ORDER BY position", project, id)).map(entryOf),
    revision: (project, kind, id, revision) =>
      database.read((client) => readRevision(client, { project, kind, id, revision })),
    seal: (project, at) => seal(database, project, at),
    since: (project, seq, limit) => read("AND seq > ? ORDER BY seq LIMIT ?", project, seq, limit),
    sinceTime: (project, at, limit) =>
      read("AND at >= ? ORDER BY at DESC, position DESC LIMIT ?", project, at, limit),
    ofBatch: (project, batch, page) => database.read((client) => readBatch(client, project, batch, page)),
    batchSize: (project, batch) => database.read((client) => countBatch(client, project, batch)),
    importsOf: (project, id) => database.read((client) => readImports(client, project, id)),
  };
}

/** The seals of a project whose changes no longer give the hash: somebody edited the log. */
export async function brokenSeals(
  client: Client,
  project: ProjectId,
): Promise<readonly { readonly fromSeq: number; readonly toSeq: number }[]> {
  const seals = await client.rows(
    `SELECT from_seq, to_seq, hash, previous FROM change_seals
     WHERE ${SCOPE} AND store_id = ${STORE_ID} ORDER BY from_seq`,
    client.tenant,
    project,
  );
  const broken: { fromSeq: number; toSeq: number }[] = [];
  let before = FIRST_SEAL;
  for (const [from, to, hash, previous] of seals) {
    const span = { fromSeq: Number(from), toSeq: Number(to) };
    const sealed = await changesBetween(client, project, span);
    if (previous !== before || sealHash(String(previous), sealed) !== hash) broken.push(span);
    before = String(hash);
  }
  return broken;
}

async function readChanges(
  client: Client,
  sql: string,
  project: ProjectId,
  values: readonly Bindable[],
): Promise<readonly Change[]> {
  const rows = await client.rows(
    `SELECT ${COLUMNS} FROM changes WHERE ${SCOPE} ${sql}`,
    client.tenant,
    project,
    ...values,
  );
  return rows.map(changeOf);
}

async function seal(database: Database, project: ProjectId, at: Timestamp): Promise<number> {
  for (;;) {
    const { unsealed, newest } = await database.read((client) => sealState(client, project));
    if (!unsealed) return newest;
    const { done } = await database.write((client) => sealSome(client, project, at));
    // Another process seals: its work shows in a moment.
    if (!done) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function sealState(
  client: Client,
  project: ProjectId,
): Promise<{ readonly unsealed: boolean; readonly newest: number }> {
  const [row] = await client.rows(
    `SELECT EXISTS (SELECT 1 FROM changes WHERE ${SCOPE} AND seq IS NULL),
       (SELECT coalesce(max(seq), 0) FROM changes WHERE ${SCOPE} AND seq IS NOT NULL)`,
    client.tenant,
    project,
    client.tenant,
    project,
  );
  return { unsealed: row?.[0] === true, newest: Number(row?.[1]) };
}

/**
 * Numbers what can be seen and has no number yet. One sealer at a time, so a line that is committed later gets
 * a later number, whatever its position: a reader who has read up to a number misses nothing (docs/adr/0008).
 */
async function sealSome(
  client: Client,
  project: ProjectId,
  at: Timestamp,
): Promise<{ readonly done: boolean }> {
  const [lock] = await client.rows(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('aiknowsys seal ' || ?, 0))",
    project,
  );
  if (lock?.[0] !== true) return { done: false };
  const { newest } = await sealState(client, project);
  const positions = await client.rows(
    `SELECT position FROM changes WHERE ${SCOPE} AND seq IS NULL ORDER BY position LIMIT ${MOST_SEALED}`,
    client.tenant,
    project,
  );
  const numbered = positions.length;
  if (numbered === 0) return { done: true };
  // Named one by one, because joined to a sub-select the planner may read the whole log for each of them.
  await client.run(
    `UPDATE changes c SET seq = ?::bigint + n.place FROM unnest(?::bigint[]) WITH ORDINALITY AS n (position, place)
     WHERE c.tenant_id = ? AND c.project_id = ? AND c.position = n.position`,
    newest,
    positions.map(([position]) => Number(position)),
    client.tenant,
    project,
  );
  const span = { fromSeq: newest + 1, toSeq: newest + numbered };
  const previous = await lastHash(client, project);
  await client.run(
    `INSERT INTO change_seals (tenant_id, project_id, store_id, from_seq, to_seq, hash, previous, sealed_at)
     SELECT ?, ?, ${STORE_ID}, ?, ?, ?, ?, ?`,
    client.tenant,
    project,
    span.fromSeq,
    span.toSeq,
    sealHash(previous, await changesBetween(client, project, span)),
    previous,
    at,
  );
  return { done: true };
}

async function lastHash(client: Client, project: ProjectId): Promise<string> {
  const [row] = await client.rows(
    `SELECT hash FROM change_seals WHERE ${SCOPE} AND store_id = ${STORE_ID} ORDER BY from_seq DESC LIMIT 1`,
    client.tenant,
    project,
  );
  return String(row?.[0] ?? FIRST_SEAL);
}

export function changesBetween(
  client: Client,
  project: ProjectId,
  { fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number },
): Promise<readonly Change[]> {
  return readChanges(client, "AND seq BETWEEN ? AND ? ORDER BY seq", project, [fromSeq, toSeq]);
}

function changeOf(row: RawRow): Change {
  const [seq, at, actor, project, kind, id, revision, operation, contentHash, batch] = row;
  const change = { at, actor, project, kind, id, revision, operation, contentHash };
  // SAFETY: the columns' types and CHECKs hold every value to its type.
  return { ...change, ...(seq !== null && { seq }), ...(batch !== null && { batch }) } as Change;
}

function entryOf({ seq, at, actor, operation, revision, contentHash, batch }: Change): HistoryEntry {
  const entry = { at, actor, operation, revision, contentHash };
  return { ...(seq !== undefined && { seq }), ...entry, ...(batch !== undefined && { batch }) };
}
