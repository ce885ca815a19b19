import type { DocumentKind, ProjectId, RowId } from "../../domain/ids.ts";
import type { DocumentName, Documents } from "../contract/rows.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database, RawRow } from "./driver.ts";
import { decodeRow, SCOPE } from "./rows.ts";
import type { Sync } from "./sync.ts";

/** Rows that a text may name at most: more are refused as ambiguous anyway. */
const FOUND_LIMIT = 20;

/** The members that plans, sessions and patterns have in common; `complete` makes a domain row of a decoded one. */
export function openDocuments<Bare extends object, Stored>(
  db: Database,
  kind: DocumentKind,
  complete: (row: Bare) => Stored,
): Sync<Documents<Stored>> {
  const { table, fields, body } = SHAPES[kind];
  const all = [...fields, ...body];
  const select = `SELECT ${columnsOf(all)} FROM ${table} WHERE ${SCOPE}`;
  const read = (rows: readonly RawRow[]) => rows.map((row) => complete(decodeRow<Bare>(all, row)));

  const inProject = (project: ProjectId, text: string, deleted: boolean) =>
    db
      .prepare(
        `${select} AND (id = ? OR ref = ? OR slug = ?) AND (? OR deleted_at IS NULL)
         ORDER BY slug LIMIT ${FOUND_LIMIT}`,
      )
      .raw(project, text.toLowerCase(), text.toLowerCase(), text, deleted ? 1 : 0);

  return {
    find: (projects, text, options) =>
      read(
        projects
          .flatMap((project) => inProject(project, text, options?.deleted === true))
          .slice(0, FOUND_LIMIT),
      ),
    byIds: (project, ids) => read(ids.flatMap((id) => db.prepare(`${select} AND id = ?`).raw(project, id))),
    names: (project, options) => readNames(db, table, project, options?.deleted === true),
  };
}

function readNames(
  db: Database,
  table: string,
  project: ProjectId,
  deleted: boolean,
): readonly DocumentName[] {
  const rows = db
    .prepare(
      `SELECT id, ref, slug, title FROM ${table} WHERE ${SCOPE} AND (? OR deleted_at IS NULL) ORDER BY slug`,
    )
    .raw(project, deleted ? 1 : 0);
  return rows.map(([id, ref, slug, title]) => ({
    // SAFETY: the column's CHECKs hold it to a lower-case UUID that this program wrote.
    id: String(id) as RowId,
    ref: String(ref),
    slug: String(slug),
    title: String(title),
  }));
}
