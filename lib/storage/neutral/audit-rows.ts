import type { AuditChain, AuditedCall, AuditLogName, Seal } from "../../domain/audit.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { AuditLine } from "../contract/audit.ts";

/** How both engines read the audit. */

export const CALL_COLUMNS = "seq, at, actor, token, tool, project_id, outcome, duration_ms, rows";

/** @param row {@link CALL_COLUMNS}; times as ISO text */
export function callOf(row: readonly unknown[]): AuditedCall & AuditLine {
  const [seq, at, actor, token, tool, project, outcome, durationMs, rows] = row;
  const call = { seq, at, actor, token, tool, project, outcome, durationMs, ...(rows !== null && { rows }) };
  // SAFETY: the columns' types hold every value to its type, and only calls are written to them.
  return call as AuditedCall & AuditLine;
}

/** Every project that has lines or seals in a log: lines may be gone and their seals left. @param tenant as it stands in SQL, four times */
export function chainsSql(log: AuditLogName, tenant: string): string {
  const seals = log === "calls" ? "call_seals" : "change_seals";
  const count = (isSealed: string) =>
    `(SELECT count(*) FROM ${log} l WHERE l.tenant_id = ${tenant} AND l.project_id = p.project_id AND l.seq ${isSealed})`;
  return `SELECT p.project_id, ${count("IS NOT NULL")}, ${count("IS NULL")} FROM (
      SELECT project_id FROM ${log} WHERE tenant_id = ${tenant}
      UNION SELECT project_id FROM ${seals} WHERE tenant_id = ${tenant}) p ORDER BY p.project_id`;
}

/** @param row project, lines with a number, lines without */
export function chainOf(log: AuditLogName, [project, numbered, unsealed]: readonly unknown[]): AuditChain {
  // SAFETY: the column's type holds it to a UUID in lower case.
  return { log, project: project as ProjectId, numbered: Number(numbered), unsealed: Number(unsealed) };
}

/** @param row from, to, hash, previous, time, and the id of another store that made it */
export function sealOf([fromSeq, toSeq, hash, previous, at, store]: readonly unknown[]): Seal {
  return {
    fromSeq: Number(fromSeq),
    toSeq: Number(toSeq),
    hash: String(hash),
    previous: String(previous),
    at: String(at),
    ...(store !== null && { store: String(store) }),
  };
}
