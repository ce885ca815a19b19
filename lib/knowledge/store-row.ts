import type { Operation } from "../domain/change.ts";
import { contentHashOf, type StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { type ProjectId, rowIdFrom } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Draft, DraftRow, Write, WriteResult } from "../storage/contract/writes.ts";
import type { Deps } from "./deps.ts";
import { passagesOf } from "./passages.ts";

/** One row to be written. */
export interface RowWrite {
  readonly draft: DraftRow;
  readonly operation: Operation;
  /** 0 for a new row. */
  readonly expectedRevision: number;
  readonly slugs?: readonly string[] | undefined;
  readonly refs?: readonly string[] | undefined;
}

export interface StoredResult extends WriteResult {
  /** Passages that the row has now. */
  readonly passages: number;
  readonly contentHash: string;
}

/** Writes rows of one project in one transaction, with hashes and passages; results in their order. */
export async function storeRows(
  deps: Deps,
  project: ProjectId,
  rows: readonly RowWrite[],
  batch?: string,
): Promise<readonly StoredResult[]> {
  const context = { project, at: timestampOf(deps.clock()), actor: deps.actor, batch };
  const writes = rows.map(toWrite);
  const results = await deps.storage.transaction(context, writes);
  return results.map((result, index) => ({
    ...result,
    passages: writes[index]?.chunks.length ?? 0,
    contentHash: writes[index]?.draft.row.contentHash ?? "",
  }));
}

/** A new row's id. */
export function newRowId(deps: Pick<Deps, "clock" | "random">) {
  return rowIdFrom(deps.clock(), deps.random(16));
}

/** Refuses when the caller saw another revision than the row has. @throws KnowledgeError `conflict`. */
export function checkRevision(found: StoredRow, seen: number | undefined): void {
  const { ref, revision } = found.row;
  if (seen === undefined || seen === revision) return;
  throw new KnowledgeError(
    "conflict",
    `${ref} is at revision ${revision}, not ${seen}: somebody changed it since.`,
    {
      field: "revision",
      current: { ref, revision },
      hint: `Read it again with show, then repeat with revision ${revision}.`,
    },
  );
}

/** A stored row without what the store gives, to be changed and written again. */
export function draftOf<Row extends { readonly ref: string; readonly revision: number }>(
  row: Row,
): Draft<Row> {
  const given = new Set(["ref", "revision", "slug"]);
  // SAFETY: exactly the keys that Draft leaves out are left out.
  return Object.fromEntries(Object.entries(row).filter(([key]) => !given.has(key))) as unknown as Draft<Row>;
}

/** A row as the store takes it, with hash and passages. */
export function toWrite({ draft, operation, expectedRevision, slugs, refs }: RowWrite): Write {
  const hashed = withHash(draft);
  const wished = { slugs: slugs ?? [], ...(refs !== undefined && { refs }) };
  return { draft: hashed, operation, expectedRevision, ...wished, chunks: passagesOf(hashed) };
}

function withHash(draft: DraftRow): DraftRow {
  const contentHash = contentHashOf(draft.row);
  switch (draft.kind) {
    case "plan":
      return { kind: draft.kind, row: { ...draft.row, contentHash } };
    case "session":
      return { kind: draft.kind, row: { ...draft.row, contentHash } };
    case "pattern":
      return { kind: draft.kind, row: { ...draft.row, contentHash } };
    case "event":
      return { kind: draft.kind, row: { ...draft.row, contentHash } };
    default:
      return draft satisfies never;
  }
}
