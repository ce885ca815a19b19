import type { StoredRow } from "../../domain/document.ts";
import { DEFAULT_TENANT, type Kind, type ProjectId, type RowId } from "../../domain/ids.ts";
import { packed, unpacked } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";

export interface RevisionKey {
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly id: RowId;
  readonly revision: number;
}

export function writeRevision(db: Database, key: RevisionKey, text: string): void {
  const { encoding, body } = packed(text);
  db.prepare(
    `INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?)`,
  ).run(key.project, key.kind, key.id, key.revision, encoding, body);
}

/** The row as it was, with the ref and slug that it still has; `undefined` when the revision is not kept. */
export function readRevision(db: Database, key: RevisionKey): StoredRow | undefined {
  const { project, kind, id, revision } = key;
  const found = db
    .prepare(
      `SELECT encoding, body FROM revisions WHERE ${SCOPE} AND kind = ? AND row_id = ? AND revision = ?`,
    )
    .raw(project, kind, id, revision)[0];
  const names = readNames(db, key);
  if (found === undefined || names === undefined) return undefined;
  const draft: Record<string, unknown> = JSON.parse(unpacked(found[0], found[1]));
  // SAFETY: this program wrote the body from a draft of this kind.
  return { kind, row: { ...draft, ...names, revision } } as unknown as StoredRow;
}

function readNames(db: Database, { project, kind, id }: RevisionKey): Record<string, string> | undefined {
  const columns = kind === "event" ? "ref" : "ref, slug";
  const row = db
    .prepare(`SELECT ${columns} FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND id = ?`)
    .raw(project, id)[0];
  if (row === undefined) return undefined;
  return { ref: String(row[0]), ...(kind !== "event" && { slug: String(row[1]) }) };
}
