import type { ProjectId, RowId } from "../domain/ids.ts";
import type { FileRow, SourceFile } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";

/** What the store knows of a project's files before they are looked at. */
export interface StoreState {
  readonly files: readonly SourceFile[];
  readonly rows: ReadonlyMap<RowId, FileRow>;
  /** Rows that have a file in some root: a tombstone among them was deleted on purpose, its file stayed. */
  readonly filed: ReadonlySet<RowId>;
}

export async function readStoreState(deps: Pick<Deps, "storage">, project: ProjectId): Promise<StoreState> {
  const { sources } = deps.storage;
  const [files, rows] = await Promise.all([sources.files(project), sources.rows(project)]);
  return {
    files,
    rows: new Map(rows.map((row) => [row.id, row])),
    filed: new Set(files.map(({ id }) => id)),
  };
}
