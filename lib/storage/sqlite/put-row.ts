import { DEFAULT_TENANT } from "../../domain/ids.ts";
import { wellFormed } from "../../domain/well-formed.ts";
import type { DraftRow, Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { revisionText } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import type { Names } from "./identity.ts";
import { writeLinks } from "./links.ts";
import type { PassageStore } from "./passages.ts";
import { type RevisionKey, writeRevision } from "./revisions.ts";
import { encodeRow, insertSql, updateSql } from "./rows.ts";

/** One open transaction: what it belongs to and where the next change line goes. */
export interface Transaction {
  readonly db: Database;
  readonly passages: PassageStore;
  readonly context: WriteContext;
  readonly nextPosition: () => number;
}

/** A row as it stands before a write. */
export interface Standing extends Names {
  readonly revision: number;
}

export interface Put {
  readonly operation: Write["operation"];
  readonly standing: Standing | undefined;
  readonly names: Names;
}

/** Writes a row over what stands there, with its revision body and change line. */
export function putRow(transaction: Transaction, draft: DraftRow, put: Put): WriteResult {
  const { db, context } = transaction;
  const shape = SHAPES[draft.kind];
  const { id, contentHash } = draft.row;
  const revision = (put.standing?.revision ?? 0) + 1;
  const { ref, slug } = put.names;
  const values = encodeRow(shape, { ...draft.row, ref, slug, revision });
  if (put.standing === undefined) db.prepare(insertSql(shape)).run(...values);
  else db.prepare(updateSql(shape)).run(...values, context.project, id);
  if (draft.kind === "plan") writeLinks(db, draft.row, draft.row.links);
  const key = { project: context.project, kind: draft.kind, id, revision };
  writeRevision(db, key, revisionText(draft));
  writeChange(transaction, { ...key, operation: put.operation, contentHash });
  return { kind: draft.kind, id, ref, ...(slug !== undefined && { slug }), revision };
}

interface ChangeLine extends RevisionKey {
  readonly operation: Write["operation"];
  readonly contentHash: string;
}

function writeChange({ db, context, nextPosition }: Transaction, line: ChangeLine): void {
  const { at, actor, batch } = context;
  db.prepare(
    `INSERT INTO changes (tenant_id, project_id, position, at, actor, kind, row_id, revision, operation,
       content_hash, batch)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    line.project,
    nextPosition(),
    at,
    wellFormed(actor),
    line.kind,
    line.id,
    line.revision,
    line.operation,
    line.contentHash,
    batch === undefined ? null : wellFormed(batch),
  );
}
