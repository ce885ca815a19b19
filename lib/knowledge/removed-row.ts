import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { KINDS, type ProjectId } from "../domain/ids.ts";
import { mergedInto } from "../domain/project.ts";
import type { Deps, Scope } from "./deps.ts";
import { findRows, getRow } from "./resolve.ts";

/**
 * A row by id, ref or slug, its tombstone when no live row is named so; a slug in any case, as {@link getRow} finds it.
 * @throws KnowledgeError as {@link getRow}
 */
export async function getRowOrTombstone(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  id: string,
): Promise<StoredRow> {
  try {
    return await getRow(deps, scope, id);
  } catch (error) {
    if (!(error instanceof KnowledgeError && error.code === "not_found")) throw error;
    const own = scope.project === undefined ? [] : await tombstones(deps, [scope.project.id], id.trim());
    const all = scope.projects.flatMap((project) => [project.id, ...mergedInto(project)]);
    const found = own.length > 0 ? own : await tombstones(deps, all, id.trim());
    const [first, ...others] = found;
    if (first === undefined) throw error;
    if (others.length > 0) throw ambiguous(id.trim(), found);
    return first;
  }
}

async function tombstones(
  deps: Pick<Deps, "storage">,
  projects: readonly ProjectId[],
  text: string,
): Promise<readonly StoredRow[]> {
  const rows = await findRows(deps, projects, text, KINDS, { deleted: true });
  return rows.filter(({ row }) => row.deletedAt !== undefined);
}

function ambiguous(text: string, found: readonly StoredRow[]): KnowledgeError {
  return new KnowledgeError("invalid_input", `"${text.slice(0, 80)}" names ${found.length} deleted rows.`, {
    field: "id",
    valid: found.map(({ kind, row }) => `${row.ref} (${kind}: ${"title" in row ? row.title : row.summary})`),
    hint: "Use the ref of the one that is meant.",
  });
}
