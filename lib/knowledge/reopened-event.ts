import type { StoredEvent } from "../domain/document.ts";
import type { Deps } from "./deps.ts";
import { draftOf, type RowWrite } from "./store-row.ts";

/**
 * What has to be written beside an event that goes, by retraction or deletion: the event that it superseded holds
 * again. Past one that is gone itself, the one before it; none where a third event superseded this one.
 */
export async function reopened(
  deps: Pick<Deps, "storage">,
  { project, supersedes, supersededBy }: StoredEvent,
): Promise<readonly RowWrite[]> {
  if (supersedes === undefined || supersededBy !== undefined) return [];
  const [older] = await deps.storage.events.byIds(project, [supersedes]);
  if (older?.supersededBy === undefined) return [];
  if (older.deletedAt !== undefined || older.retractedAt !== undefined)
    return reopened(deps, { ...older, supersededBy: undefined });
  const row = { ...draftOf(older), supersededBy: undefined };
  return [{ draft: { kind: "event", row }, operation: "restore", expectedRevision: older.revision }];
}
