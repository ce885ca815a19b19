import { foldedValue, onceEach, type RowValues, rowEncoder, writtenColumns } from "../neutral/row-values.ts";
import type { Field, Shape } from "../neutral/shapes.ts";
import type { RawRow } from "./driver.ts";

/** The condition that every statement over one project begins with; binds tenant and project. */
export const SCOPE = "tenant_id = ? AND project_id = ?";

/** A row as the domain has it; absent values are left out. */
export function decodeRow<Row extends object>(fields: readonly Field[], row: RawRow): Row {
  const decoded: Record<string, unknown> = {};
  for (const [i, { key, codec }] of fields.entries()) {
    const value = row[i];
    if (value === null || value === undefined) continue;
    decoded[key] = codec === "json" ? JSON.parse(String(value)) : value;
  }
  // SAFETY: shapes.ts names the members of the domain's row, and the columns' types and CHECKs hold their values.
  return decoded as Row;
}

/** `INSERT` of a whole row; binds the tenant, then {@link encodeRow}. */
export const insertSql = onceEach((shape: Shape) => {
  const columns = writtenColumns(shape);
  const marks = columns.map(() => "?").join(", ");
  return `INSERT INTO ${shape.table} (tenant_id, ${columns.join(", ")}) VALUES (?, ${marks})`;
});

/** `UPDATE` of a whole row; binds {@link encodeRow}, then tenant, project and id. */
export const updateSql = onceEach((shape: Shape) => {
  const settings = writtenColumns(shape).map((column) => `${column} = ?`);
  return `UPDATE ${shape.table} SET ${settings.join(", ")} WHERE ${SCOPE} AND id = ?`;
});

/** The values of a whole row's columns. */
export const encodeRow = rowEncoder((is) => is);

/** A whole row as a JSON record of its table, but for the tenant. */
export function recordOf({ fields, body, folded }: Shape, row: RowValues): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const { column, key } of [...fields, ...body]) record[column] = row[key] ?? null;
  for (const field of folded) record[field.column] = foldedValue(field, row);
  return record;
}
