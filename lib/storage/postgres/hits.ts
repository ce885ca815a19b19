import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Hit } from "../contract/passages.ts";
import type { RawRow } from "./driver.ts";

/** A hit of `chunk, project, kind, owner, ordinal, date`, as the search functions return them, and its score. */
export function hitOf([chunk, project, kind, owner, ordinal, date]: RawRow, score: number): Hit {
  // SAFETY: the columns hold what the tables' constraints allow.
  return {
    chunk: Number(chunk),
    project: project as ProjectId,
    kind: kind as Kind,
    owner: owner as RowId,
    ordinal: Number(ordinal),
    date: String(date),
    score,
  };
}
