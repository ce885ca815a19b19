import type { Kind, RowId } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { type NumberArgument, parseRevision } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { titleOf } from "./public-row.ts";
import { reopened } from "./reopened-event.ts";
import { getRow } from "./resolve.ts";
import { checkRevision, deletionOf, storeRows } from "./store-row.ts";

export interface Deleted {
  readonly kind: Kind;
  readonly id: RowId;
  readonly ref: string;
  readonly slug?: string | undefined;
  readonly title: string;
  readonly deletedAt: string;
}

/**
 * Removes a row and leaves a tombstone; its history stays, a file it came from is not touched. What a removed event
 * superseded holds again. @throws KnowledgeError `not_found`, `invalid_input`, `conflict`.
 */
export async function deleteRow(
  deps: Deps,
  scope: Scope,
  input: { readonly id: string; readonly revision?: NumberArgument },
): Promise<Deleted> {
  const seen = parseRevision(input.revision);
  const found = await getRow(deps, scope, input.id);
  checkRevision(found, seen);
  const deletedAt = timestampOf(deps.clock());
  await storeRows(deps, found.row.project, [
    deletionOf(found, deletedAt),
    ...(found.kind === "event" ? await reopened(deps, found.row) : []),
  ]);
  const { id, ref } = found.row;
  return {
    kind: found.kind,
    id,
    ref,
    ...("slug" in found.row && { slug: found.row.slug }),
    title: titleOf(found),
    deletedAt,
  };
}
