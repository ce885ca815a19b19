import { AUDIT_LOGS, type AuditedCall, type AuditLogName } from "../../domain/audit.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import { FIRST_SEAL, MOST_SEALED, sealHash } from "../../domain/seal.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { Audit, AuditLine, SeqRange } from "../contract/audit.ts";
import { CALL_COLUMNS, callOf, chainOf, chainsSql, sealOf } from "../neutral/audit-rows.ts";
import { changesBetween, STORE_ID } from "./changes.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";

export function openAudit(db: Database, immediate: Immediate): Sync<Audit> {
  return {
    record: (_tenant, calls) => immediate(() => insert(db, wellFormedJson(calls))),
    seal: ({ project }, at) => {
      while (immediate(() => sealSome(db, project, at)) === MOST_SEALED);
      return true;
    },
    chains: () =>
      AUDIT_LOGS.flatMap((log) => {
        const rows = db.prepare(chainsSql(log, `'${DEFAULT_TENANT}'`)).raw();
        return rows.map((row) => chainOf(log, row));
      }),
    seals: (log, project) => db.prepare(SEALS[log]).raw(project).map(sealOf),
    lines: (log, project, range) => linesOf(db, log, project, range),
  };
}

const SEALS: Readonly<Record<AuditLogName, string>> = {
  calls: `SELECT from_seq, to_seq, hash, previous, sealed_at, NULL FROM call_seals
    WHERE ${SCOPE} ORDER BY from_seq`,
  changes: `SELECT from_seq, to_seq, hash, previous, sealed_at, nullif(store_id, (${STORE_ID})) FROM change_seals
    WHERE ${SCOPE} ORDER BY store_id <> (${STORE_ID}), store_id, from_seq`,
};

function linesOf(
  db: Database,
  log: AuditLogName,
  project: ProjectId,
  { fromSeq, toSeq }: SeqRange,
): readonly AuditLine[] {
  if (log === "changes") return changesBetween(db, project, fromSeq, toSeq);
  const sql = `SELECT ${CALL_COLUMNS} FROM calls WHERE ${SCOPE} AND seq BETWEEN ? AND ? ORDER BY seq`;
  return db.prepare(sql).raw(project, fromSeq, toSeq).map(callOf);
}

function insert(db: Database, calls: readonly AuditedCall[]): void {
  const last = db.prepare(`SELECT coalesce(max(position), 0) FROM calls WHERE ${SCOPE}`);
  const add = db.prepare(
    `INSERT INTO calls (tenant_id, project_id, position, at, actor, token, tool, outcome, duration_ms, rows)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { project, at, actor, token, tool, outcome, durationMs, rows = null } of calls) {
    const position = Number(last.raw(project)[0]?.[0]) + 1;
    add.run(project, position, at, actor, token, tool, outcome, durationMs, rows);
  }
}

/** How many were sealed. */
function sealSome(db: Database, project: ProjectId, at: Timestamp): number {
  const positions = db
    .prepare(
      `SELECT position FROM calls WHERE ${SCOPE} AND seq IS NULL ORDER BY position LIMIT ${MOST_SEALED}`,
    )
    .raw(project);
  if (positions.length === 0) return 0;
  const [last] = db
    .prepare(`SELECT to_seq, hash FROM call_seals WHERE ${SCOPE} ORDER BY from_seq DESC LIMIT 1`)
    .raw(project);
  const [newest, previous] = [Number(last?.[0] ?? 0), String(last?.[1] ?? FIRST_SEAL)];
  const number = db.prepare(`UPDATE calls SET seq = ? WHERE ${SCOPE} AND position = ?`);
  for (const [i, [position = 0]] of positions.entries()) number.run(newest + 1 + i, project, position);
  const range = { fromSeq: newest + 1, toSeq: newest + positions.length };
  const hash = sealHash(previous, linesOf(db, "calls", project, range));
  db.prepare(
    `INSERT INTO call_seals (tenant_id, project_id, from_seq, to_seq, hash, previous, sealed_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?)`,
  ).run(project, range.fromSeq, range.toSeq, hash, previous, at);
  return positions.length;
}
