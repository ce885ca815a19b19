import type { DocumentKind, ProjectId, RowId } from "../../domain/ids.ts";
import { isUuid } from "../../domain/ids.ts";
import type { DocumentName, Documents } from "../contract/rows.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client, Database, RawRow } from "./driver.ts";
import { decodeRow, SCOPE } from "./rows.ts";

/** Rows that a text may name at most: more are refused as ambiguous anyway. */
export const FOUND_LIMIT = 20;

/** The members that plans, sessions and patterns have in common; `complete` makes domain rows of decoded ones. */
export function openDocuments<Bare extends object, Stored>(
  database: Database,
  kind: DocumentKind,
  complete: (client: Client, rows: readonly Bare[]) => Promise<readonly Stored[]>,
): Documents<Stored> {
  const { table, fields, body } = SHAPES[kind];
  const all = [...fields, ...body];
  const select = `SELECT ${columnsOf(all)} FROM ${table}`;
  const read = (client: Client, rows: readonly RawRow[]) =>
    complete(
      client,
      rows.map((row) => decodeRow<Bare>(all, row)),
    );
  return {
    find: (projects, text, options) =>
      database.read(async (client) => {
        const found: RawRow[] = [];
        for (const project of projects) {
          if (found.length >= FOUND_LIMIT) break;
          const lower = text.toLowerCase();
          const sql = `${select} WHERE ${SCOPE} AND (id = ? OR ref = ? OR slug = ?) AND (? OR deleted_at IS NULL)
            ORDER BY slug LIMIT ${FOUND_LIMIT}`;
          const id = isUuid(lower) ? lower : null;
          const deleted = options?.deleted === true;
          found.push(...(await client.rows(sql, client.tenant, project, id, lower, text, deleted)));
        }
        return read(client, found.slice(0, FOUND_LIMIT));
      }),
    byIds: (project, ids) =>
      database.read(async (client) => {
        if (ids.length === 0) return [];
        const sql = `${select} JOIN unnest(?::uuid[]) WITH ORDINALITY AS wanted (wanted_id, place) ON id = wanted_id
          WHERE ${SCOPE} ORDER BY place`;
        return read(client, await client.rows(sql, ids, client.tenant, project));
      }),
    names: (project, options) =>
      database.read((client) => readNames(client, table, project, options?.deleted === true)),
  };
}

async function readNames(
  client: Client,
  table: string,
  project: ProjectId,
  deleted: boolean,
): Promise<readonly DocumentName[]> {
  const rows = await client.rows(
    `SELECT id, ref, slug, title FROM ${table} WHERE ${SCOPE} AND (? OR deleted_at IS NULL) ORDER BY slug`,
    client.tenant,
    project,
    deleted,
  );
  return rows.map(([id, ref, slug, title]) => ({
    // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
    id: String(id) as RowId,
    ref: String(ref),
    slug: String(slug),
    title: String(title),
  }));
}
