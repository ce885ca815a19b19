import type { DraftRow, Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { packed, revisionText } from "../neutral/revision-body.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";
import type { Names } from "./identity.ts";
import { writeLinks } from "./links.ts";
import type { PassageWriter } from "./passages.ts";
import { encodeRow, insertSql, updateSql } from "./rows.ts";

/** One open transaction and what it belongs to. */
export interface Transaction {
  readonly client: Client;
  readonly passages: PassageWriter;
  readonly context: WriteContext;
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
export async function putRow(transaction: Transaction, draft: DraftRow, put: Put): Promise<WriteResult> {
  const { client, context } = transaction;
  const shape = SHAPES[draft.kind];
  const { id } = draft.row;
  const revision = (put.standing?.revision ?? 0) + 1;
  const { ref, slug } = put.names;
  const values = encodeRow(shape, { ...draft.row, ref, slug, revision });
  if (put.standing === undefined) await client.run(insertSql(shape), client.tenant, ...values);
  else await client.run(updateSql(shape), ...values, client.tenant, context.project, id);
  if (draft.kind === "plan") await writeLinks(client, draft.row, draft.row.links);
  await writeHistory(transaction, draft, { operation: put.operation, revision });
  return { kind: draft.kind, id, ref, ...(slug !== undefined && { slug }), revision };
}

/** Revision body and change line in one statement. */
async function writeHistory(
  { client, context }: Transaction,
  draft: DraftRow,
  { operation, revision }: { readonly operation: Write["operation"]; readonly revision: number },
): Promise<void> {
  const { encoding, body } = packed(revisionText(draft));
  const { id, contentHash } = draft.row;
  await client.run(
    `WITH kept AS (
       INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING tenant_id, project_id, kind, row_id, revision
     )
     INSERT INTO changes (tenant_id, project_id, kind, row_id, revision, at, actor, operation, content_hash, batch)
     SELECT tenant_id, project_id, kind, row_id, revision, ?::timestamptz, ?::text, ?::text, ?::text, ?::text
     FROM kept`,
    client.tenant,
    context.project,
    draft.kind,
    id,
    revision,
    encoding,
    body,
    context.at,
    context.actor,
    operation,
    contentHash,
    context.batch ?? null,
  );
}
