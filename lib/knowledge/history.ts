import type { History } from "../domain/change.ts";
import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import type { Kind } from "../domain/ids.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Plan } from "../domain/plan.ts";
import type { Session } from "../domain/session.ts";
import { parseBefore } from "../domain/time-range.ts";
import type { Deps, Scope } from "./deps.ts";
import { contentOf, publicRow, titleOf } from "./public-row.ts";
import { timeContext } from "./query.ts";
import { getRowOrTombstone } from "./removed-row.ts";

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
  const entries = await deps.storage.changes.ofRow(project, id);
  const history = { id, entries, kind: found.kind, ref, title: titleOf(found) };
  if (input.asOf === undefined) return history;
  const at = parseBefore("asOf", input.asOf, timeContext(deps, input.timezone));
  const entry = entries.findLast((line) => line.at <= at);
  if (entry === undefined) {
    throw new KnowledgeError("not_found", `${ref} did not exist yet at ${input.asOf.trim()}.`, {
      field: "asOf",
      hint: `Its first entry is of ${entries[0]?.at ?? "an unknown time"}.`,
    });
  }
  const past = await deps.storage.changes.revision(project, found.kind, id, entry.revision);
  if (past === undefined)
    throw new KnowledgeError("corrupt", `Revision ${entry.revision} of ${ref} is missing.`, {
      hint: "Run `aiknowsys doctor`.",
    });
  return { ...history, asOf: { at, revision: entry.revision, row: withContent(past) } };
}

function withContent(found: StoredRow) {
  const content = contentOf(found);
  return { ...publicRow(found.row), ...(content !== undefined && { content }) };
}
