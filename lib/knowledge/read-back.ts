import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Kind, ProjectId, RowId } from "../domain/ids.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { Deps } from "./deps.ts";

/** Where rows are read the way everybody reads them. */
export type RowStore = Pick<StorageAdapter, "plans" | "sessions" | "patterns" | "events">;

/** Rows of one kind by id, tombstones included, in the order of the ids. */
export async function rowsByIds(
  deps: { readonly storage: RowStore },
  project: ProjectId,
  kind: Kind,
  ids: readonly RowId[],
): Promise<readonly StoredRow[]> {
  const { plans, sessions, patterns, events } = deps.storage;
  switch (kind) {
    case "plan":
      return (await plans.byIds(project, ids)).map((row) => ({ kind, row }));
    case "session":
      return (await sessions.byIds(project, ids)).map((row) => ({ kind, row }));
    case "pattern":
      return (await patterns.byIds(project, ids)).map((row) => ({ kind, row }));
    case "event":
      return (await events.byIds(project, ids)).map((row) => ({ kind, row }));
    default:
      return kind satisfies never;
  }
}

/** A row that was just written. */
export async function readBack(
  deps: Pick<Deps, "storage">,
  project: ProjectId,
  kind: Kind,
  id: RowId,
): Promise<StoredRow> {
  const [row] = await rowsByIds(deps, project, kind, [id]);
  if (row !== undefined) return row;
  throw new KnowledgeError("internal", `The ${kind} ${id} was written but cannot be read.`);
}
