import { AUDIT_LOGS, type AuditLogName } from "../../domain/audit.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { FIRST_SEAL, MOST_SEALED, sealHash } from "../../domain/seal.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { Audit, AuditLine, SeqRange } from "../contract/audit.ts";
import { CALL_COLUMNS, callOf, chainOf, chainsSql, sealOf } from "../neutral/audit-rows.ts";
import { changesBetween, STORE_ID } from "./changes.ts";
import type { Client, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";

export interface AuditDeps {
  /** As the owner of the store, in the tenant of the caller. */
  readonly owner: Database;
  /** As the ordinary role, in any tenant. */
  readonly inTenant: (tenant: string) => Database;
}

export function openAudit({ owner, inTenant }: AuditDeps): Audit {
  return {
    record: async (tenant, calls) => {
      if (calls.length === 0) return;
      const json = JSON.stringify(wellFormedJson(calls));
      await inTenant(tenant).write((client) => client.run(INSERT, tenant, json));
    },
    seal: async ({ tenant, project }, at) => {
      const database = tenant === undefined ? owner : inTenant(tenant);
      for (;;) {
        const sealed = await database.write((client) => sealSome(client, project, at));
        if (sealed !== MOST_SEALED) return sealed !== "busy";
      }
    },
    chains: () =>
      owner.read(async (client) => {
        const found = [];
        for (const log of AUDIT_LOGS) {
          const { tenant } = client;
          const rows = await client.rows(chainsSql(log, "?"), tenant, tenant, tenant, tenant);
          found.push(...rows.map((row) => chainOf(log, row)));
        }
        return found;
      }),
    seals: (log, project) =>
      owner.read(async (client) =>
        (await client.rows(SEALS[log], client.tenant, project)).map((row) => sealOf(row)),
      ),
    lines: (log, project, range) => owner.read((client) => linesOf(client, log, project, range)),
  };
}

const INSERT = `INSERT INTO calls (tenant_id, project_id, at, actor, token, tool, outcome, duration_ms, rows)
  SELECT ?, c.project, c.at, c.actor, c.token, c.tool, c.outcome, c."durationMs", c.rows
  FROM json_to_recordset(?) AS c (project uuid, at timestamptz, actor text, token text, tool text, outcome text,
    "durationMs" double precision, rows integer)`;

const SEALS: Readonly<Record<AuditLogName, string>> = {
  calls: `SELECT from_seq, to_seq, hash, previous, sealed_at, NULL FROM call_seals
    WHERE ${SCOPE} ORDER BY from_seq`,
  changes: `SELECT from_seq, to_seq, hash, previous, sealed_at, nullif(store_id, ${STORE_ID}) FROM change_seals
    WHERE ${SCOPE} ORDER BY store_id <> ${STORE_ID}, store_id, from_seq`,
};

function linesOf(
  client: Client,
  log: AuditLogName,
  project: ProjectId,
  range: SeqRange,
): Promise<readonly AuditLine[]> {
  return log === "changes" ? changesBetween(client, project, range) : callsBetween(client, project, range);
}

async function callsBetween(
  client: Client,
  project: ProjectId,
  { fromSeq, toSeq }: SeqRange,
): Promise<readonly AuditLine[]> {
  const sql = `SELECT ${CALL_COLUMNS} FROM calls WHERE ${SCOPE} AND seq BETWEEN ? AND ? ORDER BY seq`;
  return (await client.rows(sql, client.tenant, project, fromSeq, toSeq)).map(callOf);
}

/** As changes are sealed (docs/adr/0008): one sealer at a time, and what is committed later gets a later number. */
async function sealSome(client: Client, project: ProjectId, at: Timestamp): Promise<number | "busy"> {
  const { tenant } = client;
  const [lock] = await client.rows(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('aiknowsys seal calls ' || ? || ?, 0))",
    tenant,
    project,
  );
  if (lock?.[0] !== true) return "busy";
  const positions = await client.rows(
    `SELECT position FROM calls WHERE ${SCOPE} AND seq IS NULL ORDER BY position LIMIT ${MOST_SEALED}`,
    tenant,
    project,
  );
  if (positions.length === 0) return 0;
  const [last] = await client.rows(
    `SELECT to_seq, hash FROM call_seals WHERE ${SCOPE} ORDER BY from_seq DESC LIMIT 1`,
    tenant,
    project,
  );
  const [newest, previous] = [Number(last?.[0] ?? 0), String(last?.[1] ?? FIRST_SEAL)];
  const numbers = positions.map(([position]) => Number(position));
  await client.run(
    `UPDATE calls c SET seq = ?::bigint + n.place FROM unnest(?::bigint[]) WITH ORDINALITY AS n (position, place)
     WHERE c.tenant_id = ? AND c.project_id = ? AND c.position = n.position`,
    ...[newest, numbers, tenant, project],
  );
  const range = { fromSeq: newest + 1, toSeq: newest + numbers.length };
  const hash = sealHash(previous, await callsBetween(client, project, range));
  await client.run(
    `INSERT INTO call_seals (tenant_id, project_id, from_seq, to_seq, hash, previous, sealed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ...[tenant, project, range.fromSeq, range.toSeq, hash, previous, at],
  );
  return numbers.length;
}
