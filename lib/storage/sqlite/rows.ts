import { DEFAULT_TENANT } from "../../domain/ids.ts";
import { onceEach, rowEncoder, writtenColumns } from "../neutral/row-values.ts";
import type { Field, Shape } from "../neutral/shapes.ts";
import type { RawRow } from "./driver.ts";

/** The condition that every statement over one project begins with; binds the project's id. */
export const SCOPE = `tenant_id = '${DEFAULT_TENANT}' AND project_id = ?`;

/** Above every text that sorts: `text < LAST` holds for all timestamps, ids and titles. */
export const LAST = "\u{10ffff}";

/** A row as the domain has it; absent values are left out. */
export function decodeRow<Row extends object>(fields: readonly Field[], row: RawRow): Row {
  const decoded: Record<string, unknown> = {};
  for (const [i, { key, codec }] of fields.entries()) {
    const value = row[i];
    if (value === null || value === undefined) continue;
    if (codec === "json") decoded[key] = JSON.parse(String(value));
    else decoded[key] = codec === "flag" ? value === 1 : value;
  }
  // SAFETY: shapes.ts names the members of the domain's row, and STRICT columns and CHECKs hold their values.
  return decoded as Row;
}

/** `INSERT` of a whole row; binds {@link encodeRow}. */
export const insertSql = onceEach((shape: Shape) => {
  const columns = writtenColumns(shape);
  const marks = columns.map(() => "?").join(", ");
  return `INSERT INTO ${shape.table} (tenant_id, ${columns.join(", ")}) VALUES ('${DEFAULT_TENANT}', ${marks})`;
});

/** `UPDATE` of a whole row; binds {@link encodeRow}, then project and id. */
export const updateSql = onceEach((shape: Shape) => {
  const settings = writtenColumns(shape).map((column) => `${column} = ?`);
  return `UPDATE ${shape.table} SET ${settings.join(", ")} WHERE ${SCOPE} AND id = ?`;
});

/** The values that {@link insertSql} and {@link updateSql} bind first. */
export const encodeRow = rowEncoder((is) => (is ? 1 : 0));
