import type { History, HistoryEntry } from "../domain/change.ts";
import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import type { Kind, ProjectId, RowId } from "../domain/ids.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Plan } from "../domain/plan.ts";
import type { Session } from "../domain/session.ts";
import { parseBefore } from "../domain/time-range.ts";
import type { Deps, Scope } from "./deps.ts";
import { contentOf, publicRow, titleOf } from "./public-row.ts";
import { timeContext } from "./query.ts";
import { getRowOrTombstone } from "./removed-row.ts";
import { formerRows } from "./resolve.ts";

export interface RowHistory extends History {
  readonly kind: Kind;
  readonly ref: string;
  readonly title: string;
  /** The row as it stood at the moment asked for. */
  readonly asOf?: {
    readonly at: string;
    readonly revision: number;
    readonly row: (Plan | Session | Pattern | Event) & { readonly content?: string };
  };
}

/** Who changed a row when, oldest first, also of a deleted one; with `asOf` also the row as it stood then. @throws KnowledgeError `not_found`. */
export async function getHistory(
  deps: Deps,
  scope: Scope,
  input: { readonly id: string; readonly asOf?: string | undefined; readonly timezone?: string | undefined },
): Promise<RowHistory> {
  const found = await getRowOrTombstone(deps, scope, input.id);
  const { id, project, ref } = found.row;
  const lines = await linesOf(deps, scope, found);
  const entries = lines.map(({ entry }) => entry);
  const imports = await deps.storage.changes.importsOf(project, id);
  const history = {
    ...{ id, entries, ...(imports.length > 0 && { imports }) },
    ...{ kind: found.kind, ref, title: titleOf(found) },
  };
  if (input.asOf === undefined) return history;
  const at = parseBefore("asOf", input.asOf, timeContext(deps, input.timezone));
  const line = lines.findLast(({ entry }) => entry.at <= at);
  if (line === undefined) {
    throw new KnowledgeError("not_found", `${ref} did not exist yet at ${input.asOf.trim()}.`, {
      field: "asOf",
      hint: `Its first entry is of ${entries[0]?.at ?? "an unknown time"}.`,
    });
  }
  const { entry, of } = line;
  const past = await deps.storage.changes.revision(of.project, found.kind, of.id, entry.revision);
  if (past === undefined)
    throw new KnowledgeError("corrupt", `Revision ${entry.revision} of ${ref} is missing.`, {
      hint: "Run `aiknowsys doctor`.",
    });
  return { ...history, asOf: { at, revision: entry.revision, row: withContent(past) } };
}

interface Line {
  readonly entry: HistoryEntry;
  /** The row that it is a line of: one that moved from another project had another place there. */
  readonly of: { readonly project: ProjectId; readonly id: RowId };
}

/** The row's lines, after those of what it was in projects that were merged into its own. */
async function linesOf(deps: Deps, scope: Scope, found: StoredRow): Promise<readonly Line[]> {
  const former = await formerRows(deps, scope, found);
  const lines = await Promise.all(
    [...former, found].map(async ({ row }): Promise<readonly Line[]> => {
      const entries = await deps.storage.changes.ofRow(row.project, row.id);
      const of = { project: row.project, id: row.id };
      if (row.project === found.row.project) return entries.map((entry) => ({ entry, of }));
      const project = (await deps.storage.projects.findById(row.project))?.ref;
      return entries.map((entry) => ({ entry: { ...entry, project }, of }));
    }),
  );
  return lines.flat().toSorted((a, b) => (a.entry.at < b.entry.at ? -1 : a.entry.at > b.entry.at ? 1 : 0));
}

function withContent(found: StoredRow) {
  const content = contentOf(found);
  return { ...publicRow(found.row), ...(content !== undefined && { content }) };
}
