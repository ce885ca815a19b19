import { contentHashOf, type StoredEvent } from "../../domain/document.ts";
import type { ProjectId, RowId } from "../../domain/ids.ts";
import { requireOpen } from "../neutral/refusals.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";
import { putRow, type Transaction } from "./put-row.ts";
import { decodeRow, SCOPE } from "./rows.ts";

/**
 * Marks the event that this one replaces: a revision and a change line of its own, in the same transaction,
 * and out of search. @throws KnowledgeError `not_found`, or `conflict` when it was replaced or retracted before.
 */
export async function supersede(
  transaction: Transaction,
  event: Pick<StoredEvent, "id" | "supersedes" | "deletedAt" | "retractedAt">,
): Promise<void> {
  if (event.supersedes === undefined || event.deletedAt !== undefined || event.retractedAt !== undefined)
    return;
  const { client, context, passages } = transaction;
  const older = await findEvent(client, context.project, event.supersedes);
  if (older?.supersededBy === event.id) return;
  const newer = older?.supersededBy;
  const newerRef = newer === undefined ? undefined : (await findEvent(client, context.project, newer))?.ref;
  const open = requireOpen(older, event.supersedes, newerRef);
  const { ref, revision: _, ...row } = open;
  const marked = { ...row, supersededBy: event.id };
  await putRow(
    transaction,
    { kind: "event", row: { ...marked, contentHash: contentHashOf(marked) } },
    { operation: "supersede", standing: open, names: { ref } },
  );
  await passages.hide("event", open.id);
}

async function findEvent(client: Client, project: ProjectId, id: RowId): Promise<StoredEvent | undefined> {
  const fields = [...SHAPES.event.fields, ...SHAPES.event.body];
  const [row] = await client.rows(
    `SELECT ${columnsOf(fields)} FROM events WHERE ${SCOPE} AND id = ? FOR UPDATE`,
    client.tenant,
    project,
    id,
  );
  return row === undefined ? undefined : decodeRow<StoredEvent>(fields, row);
}
