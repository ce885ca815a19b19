import type { StoredRow } from "../../domain/document.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import { unpacked } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";

export interface RevisionKey {
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly id: RowId;
  readonly revision: number;
}

/** The row as it was, with the ref and slug that it still has; `undefined` when the revision is not kept. */
export async function readRevision(client: Client, key: RevisionKey): Promise<StoredRow | undefined> {
  const { project, kind, id, revision } = key;
  const names = kind === "event" ? "w.ref, NULL" : "w.ref, w.slug";
  const [found] = await client.rows(
    `SELECT v.encoding, v.body, ${names} FROM revisions v
     JOIN ${SHAPES[kind].table} w ON w.tenant_id = v.tenant_id AND w.project_id = v.project_id AND w.id = v.row_id
     WHERE v.tenant_id = ? AND v.project_id = ? AND v.kind = ? AND v.row_id = ? AND v.revision = ?`,
    client.tenant,
    project,
    kind,
    id,
    revision,
  );
  if (found === undefined) return undefined;
  const [encoding, body, ref, slug] = found;
  const draft: Record<string, unknown> = JSON.parse(unpacked(encoding, body));
  const row = { ...draft, ref, ...(slug !== null && { slug }), revision };
  // SAFETY: this program wrote the body from a draft of this kind.
  return { kind, row } as unknown as StoredRow;
}

/** Rows whose newest revision is missing from a log. */
export async function countLacking(
  client: Client,
  kind: Kind,
  log: "revisions" | "changes",
): Promise<number> {
  const [row] = await client.rows(
    `SELECT count(*) FROM ${SHAPES[kind].table} r WHERE NOT EXISTS (
       SELECT 1 FROM ${log} l WHERE l.tenant_id = r.tenant_id AND l.project_id = r.project_id
       AND l.kind = ? AND l.row_id = r.id AND l.revision = r.revision)`,
    kind,
  );
  return Number(row?.[0]);
}
