import { contentHashOf, type StoredEvent } from "../../domain/document.ts";
import { KnowledgeError } from "../../domain/error.ts";
import type { ProjectId, RowId } from "../../domain/ids.ts";
import type { Database } from "./driver.ts";
import { putRow, type Transaction } from "./put-row.ts";
import { columnsOf, decodeRow, SCOPE } from "./rows.ts";
import { SHAPES } from "./shapes.ts";

/**
 * Marks the event that this one replaces: a revision and a change line of its own, in the same transaction,
 * and out of search. @throws KnowledgeError `not_found`, or `conflict` when it was replaced or retracted before.
 */
export function supersede(
  transaction: Transaction,
  event: Pick<StoredEvent, "id" | "supersedes" | "deletedAt">,
): void {
  if (event.supersedes === undefined || event.deletedAt !== undefined) return;
  const { db, context, passages } = transaction;
  const older = findEvent(db, context.project, event.supersedes);
  if (older?.supersededBy === event.id) return;
  const open = requireOpen(older, event.supersedes);
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

function requireOpen(older: StoredEvent | undefined, id: RowId): StoredEvent {
  if (older === undefined || older.deletedAt !== undefined) {
    throw new KnowledgeError("not_found", `There is no event ${id} to supersede in this project.`, {
      field: "supersedes",
      hint: "Name an event of the same project by its ref or id.",
    });
  }
  if (older.supersededBy === undefined && older.retractedAt === undefined) return older;
  const how = older.supersededBy === undefined ? "retracted" : "superseded";
  throw new KnowledgeError("conflict", `The event ${older.ref} is ${how} already.`, {
    field: "supersedes",
    hint:
      how === "superseded" ? `Supersede ${older.supersededBy} instead.` : "Record a new event on its own.",
    current: { id: older.id, ref: older.ref, revision: older.revision, supersededBy: older.supersededBy },
  });
}
