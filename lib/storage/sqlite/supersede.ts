import { contentHashOf, type StoredEvent } from "../../domain/document.ts";
import type { ProjectId, RowId } from "../../domain/ids.ts";
import { requireOpen } from "../neutral/refusals.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { putRow, type Transaction } from "./put-row.ts";
import { decodeRow, SCOPE } from "./rows.ts";

/**
 * Marks the event that this one replaces: a revision and a change line of its own, in the same transaction,
 * and out of search. @throws KnowledgeError `not_found`, or `conflict` when it was replaced or retracted before.
 */
export function supersede(
  transaction: Transaction,
  event: Pick<StoredEvent, "id" | "supersedes" | "deletedAt" | "retractedAt">,
): void {
  if (event.supersedes === undefined || event.deletedAt !== undefined || event.retractedAt !== undefined)
    return;
  const { db, context, passages } = transaction;
  const older = findEvent(db, context.project, event.supersedes);
  if (older?.supersededBy === event.id) return;
  const newer = older?.supersededBy;
  const newerRef = newer === undefined ? undefined : findEvent(db, context.project, newer)?.ref;
  const open = requireOpen(older, event.supersedes, newerRef);
  const { ref, revision: _, ...row } = open;
  const marked = { ...row, supersededBy: event.id };
  putRow(
    transaction,
    { kind: "event", row: { ...marked, contentHash: contentHashOf(marked) } },
    { operation: "supersede", standing: open, names: { ref } },
  );
  passages.hide(context.project, "event", open.id);
}

function findEvent(db: Database, project: ProjectId, id: RowId): StoredEvent | undefined {
  const fields = [...SHAPES.event.fields, ...SHAPES.event.body];
  const row = db
    .prepare(`SELECT ${columnsOf(fields)} FROM events WHERE ${SCOPE} AND id = ?`)
    .raw(project, id)[0];
  return row === undefined ? undefined : decodeRow<StoredEvent>(fields, row);
}
