import type { Change, HistoryEntry } from "../../domain/change.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import { FIRST_SEAL, MOST_SEALED, sealHash } from "../../domain/seal.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { Changes } from "../contract/upkeep.ts";
import { countBatch, readBatch, readImports } from "./batches.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import { readRevision } from "./revisions.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";

const COLUMNS = "seq, at, actor, project_id, kind, row_id, revision, operation, content_hash, batch";

export function openChanges(db: Database, immediate: Immediate): Sync<Changes> {
  const read = (sql: string, ...values: readonly Bindable[]) =>
    db
      .prepare(`SELECT ${COLUMNS} FROM changes ${sql}`)
      .raw(...values)
      .map(changeOf);
  return {
    ofRow: (project, id) => read(`WHERE ${SCOPE} AND row_id = ? ORDER BY position`, project, id).map(entryOf),
    revision: (project, kind, id, revision) => readRevision(db, { project, kind, id, revision }),
    seal: (project, at) => seal(db, immediate, project, at),
    since: (project, seq, limit) =>
      read(`WHERE ${SCOPE} AND seq > ? ORDER BY seq LIMIT ?`, project, seq, limit),
    sinceTime: (project, at, limit) =>
      read(
        `INDEXED BY changes_at WHERE ${SCOPE} AND at >= ? ORDER BY at DESC, position DESC LIMIT ?`,
        project,
        at,
        limit,
      ),
    ofBatch: (project, batch, page) => readBatch(db, project, batch, page),
    batchSize: (project, batch) => countBatch(db, project, batch),
    importsOf: (project, id) => readImports(db, project, id),
  };
}

/** The newest sealed sequence number of a project; 0 without any. */
export function newestSeq(db: Database, project: ProjectId): number {
  const sql = `SELECT seq FROM changes WHERE ${SCOPE} AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1`;
  return Number(db.prepare(sql).raw(project)[0]?.[0] ?? 0);
}

/** True when some changes of the project carry no sequence number yet. */
export function hasUnsealed(db: Database, project: ProjectId): boolean {
  return (
    db.prepare(`SELECT 1 FROM changes WHERE ${SCOPE} AND seq IS NULL LIMIT 1`).get(project) !== undefined
  );
}

/** The seals of a project whose changes no longer give the hash: somebody edited the log. */
export function brokenSeals(db: Database, project: ProjectId): readonly { fromSeq: number; toSeq: number }[] {
  const seals = db
    .prepare(
      `SELECT from_seq, to_seq, hash, previous FROM change_seals
       WHERE ${SCOPE} AND store_id = (${STORE_ID}) ORDER BY from_seq`,
    )
    .raw(project);
  let before = FIRST_SEAL;
  return seals.flatMap(([from, to, hash, previous]) => {
    const fromSeq = Number(from);
    const toSeq = Number(to);
    const sealed = changesBetween(db, project, fromSeq, toSeq);
    const whole = previous === before && sealHash(String(previous), sealed) === hash;
    before = String(hash);
    return whole ? [] : [{ fromSeq, toSeq }];
  });
}

export const STORE_ID = "SELECT value FROM store_info WHERE name = 'store_id'";

function seal(db: Database, immediate: Immediate, project: ProjectId, at: Timestamp): number {
  while (hasUnsealed(db, project)) immediate(() => sealSome(db, project, at));
  return newestSeq(db, project);
}

function sealSome(db: Database, project: ProjectId, at: Timestamp): void {
  const positions = db
    .prepare(
      `SELECT position FROM changes WHERE ${SCOPE} AND seq IS NULL ORDER BY position LIMIT ${MOST_SEALED}`,
    )
    .raw(project);
  if (positions.length === 0) return;
  const first = newestSeq(db, project) + 1;
  const number = db.prepare(`UPDATE changes SET seq = ? WHERE ${SCOPE} AND position = ?`);
  for (const [i, [position = 0]] of positions.entries()) number.run(first + i, project, position);
  const last = first + positions.length - 1;
  const previous = lastHash(db, project);
  const hash = sealHash(previous, changesBetween(db, project, first, last));
  db.prepare(
    `INSERT INTO change_seals (tenant_id, project_id, store_id, from_seq, to_seq, hash, previous, sealed_at)
     VALUES ('${DEFAULT_TENANT}', ?, (${STORE_ID}), ?, ?, ?, ?, ?)`,
  ).run(project, first, last, hash, previous, at);
}

function lastHash(db: Database, project: ProjectId): string {
  const sql = `SELECT hash FROM change_seals WHERE ${SCOPE} AND store_id = (${STORE_ID})
    ORDER BY from_seq DESC LIMIT 1`;
  return String(db.prepare(sql).raw(project)[0]?.[0] ?? FIRST_SEAL);
}

export function changesBetween(
  db: Database,
  project: ProjectId,
  from: number,
  to: number,
): readonly Change[] {
  return db
    .prepare(`SELECT ${COLUMNS} FROM changes WHERE ${SCOPE} AND seq BETWEEN ? AND ? ORDER BY seq`)
    .raw(project, from, to)
    .map(changeOf);
}

function changeOf(row: RawRow): Change {
  const [seq, at, actor, project, kind, id, revision, operation, contentHash, batch] = row;
  const change = { at, actor, project, kind, id, revision, operation, contentHash };
  // SAFETY: STRICT columns and CHECKs hold every value to its type.
  return { ...change, ...(seq !== null && { seq }), ...(batch !== null && { batch }) } as Change;
}

function entryOf({ seq, at, actor, operation, revision, contentHash, batch }: Change): HistoryEntry {
  const entry = { at, actor, operation, revision, contentHash };
  return { ...(seq !== undefined && { seq }), ...entry, ...(batch !== undefined && { batch }) };
}
