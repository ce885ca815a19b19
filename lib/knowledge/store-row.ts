import type { Operation } from "../domain/change.ts";
import { contentHashOf, type StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { type ProjectId, rowIdFrom } from "../domain/ids.ts";
import { type Timestamp, timestampOf } from "../domain/timestamp.ts";
import type { Draft, DraftRow, Write, WriteResult } from "../storage/contract/writes.ts";
import type { Deps } from "./deps.ts";
import { openSlices, type SlicedWork } from "./in-slices.ts";
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
  /** Passages that are not searched, because the document has too many. */
  readonly leftOut: number;
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
  const prepared = await prepareRows(rows);
  const results = await deps.storage.transaction(
    context,
    prepared.map(({ write }) => write),
  );
  return results.map((result, index) => ({
    ...result,
    passages: prepared[index]?.write.chunks.length ?? 0,
    leftOut: prepared[index]?.leftOut ?? 0,
    contentHash: prepared[index]?.write.draft.row.contentHash ?? "",
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

/** What every kind has and a change of place or state may give anew. */
type Anew = Partial<Pick<StoredRow["row"], "id" | "project" | "deletedAt">>;

/** A stored row of any kind, to be changed and written again. */
export function asDraft(found: StoredRow, anew: Anew = {}): DraftRow {
  switch (found.kind) {
    case "plan":
      return { kind: found.kind, row: { ...draftOf(found.row), ...anew } };
    case "session":
      return { kind: found.kind, row: { ...draftOf(found.row), ...anew } };
    case "pattern":
      return { kind: found.kind, row: { ...draftOf(found.row), ...anew } };
    case "event":
      return { kind: found.kind, row: { ...draftOf(found.row), ...anew } };
    default:
      return found satisfies never;
  }
}

/** What turns a row into its own tombstone, if nobody changes it meanwhile. */
export function deletionOf(found: StoredRow, deletedAt: Timestamp): RowWrite {
  return {
    draft: asDraft(found, { deletedAt }),
    operation: "delete",
    expectedRevision: found.row.revision,
  };
}

/** Rows as the store takes them, with hashes and passages; the process answers others meanwhile. */
export async function toWrites(rows: readonly RowWrite[]): Promise<readonly Write[]> {
  return (await prepareRows(rows)).map(({ write }) => write);
}

interface PreparedRow {
  readonly write: Write;
  readonly leftOut: number;
}

async function prepareRows(rows: readonly RowWrite[]): Promise<readonly PreparedRow[]> {
  const inSlices = openSlices();
  const prepared: PreparedRow[] = [];
  for (const row of rows) prepared.push(await inSlices(prepareRow(row)));
  return prepared;
}

function* prepareRow({ draft, operation, expectedRevision, slugs, refs }: RowWrite): SlicedWork<PreparedRow> {
  const hashed = withHash(draft);
  yield;
  const { passages: chunks, leftOut } = yield* passagesOf(hashed);
  const wished = { slugs: slugs ?? [], ...(refs !== undefined && { refs }) };
  return { write: { draft: hashed, operation, expectedRevision, ...wished, chunks }, leftOut };
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
