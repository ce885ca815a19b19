import type { StoredRow } from "../domain/document.ts";
import { type ProjectId, type RowId, rowIdOfFile } from "../domain/ids.ts";

/**
 * The id of a row in a project that its own was merged into, and the other way round. A file's document is found by its
 * path in every project (RULES 9); what has no file keeps its id.
 */
export function counterpartIn(project: ProjectId, { kind, row }: StoredRow): RowId {
  if (kind === "event" || row.source !== "file" || row.path === undefined) return row.id;
  return row.id === rowIdOfFile(row.project, kind, row.path) ? rowIdOfFile(project, kind, row.path) : row.id;
}
