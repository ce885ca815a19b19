import { foldedLines } from "../../domain/folded.ts";
import type { Field, FoldedField, Shape } from "../neutral/shapes.ts";
import type { Bindable, RawRow } from "./driver.ts";

/** The condition that every statement over one project begins with; binds tenant and project. */
export const SCOPE = "tenant_id = ? AND project_id = ?";

type Values = Readonly<Record<string, unknown>>;

/** The columns of these fields, for a SELECT. */
export function columnsOf(fields: readonly Field[]): string {
  return fields.map(({ column }) => column).join(", ");
}

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

export function encodeRow({ fields, body, folded }: Shape, row: Values): Bindable[] {
  const values: Bindable[] = [];
  for (const field of fields) values.push(encode(field, row[field.key]));
  for (const field of body) values.push(encode(field, row[field.key]));
  for (const field of folded) values.push(encodeFolded(field, row));
  return values;
}

/** A whole row as a JSON record of its table, but for the tenant. */
export function recordOf({ fields, body, folded }: Shape, row: Values): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const { column, key } of [...fields, ...body]) record[column] = row[key] ?? null;
  for (const field of folded) record[field.column] = encodeFolded(field, row);
  return record;
}

function writtenColumns({ fields, body, folded }: Shape): readonly string[] {
  return [...fields, ...body, ...folded].map(({ column }) => column);
}

function encode({ codec, key }: Field, value: unknown): Bindable {
  if (value === undefined || value === null) return null;
  if (codec === "json") return JSON.stringify(value);
  if (codec === "flag") return value === true;
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`${key} is neither text nor a number.`);
}

function encodeFolded({ keys, enclosed }: FoldedField, row: Values): string {
  const texts = keys.flatMap((key) => row[key] ?? []).map(String);
  const text = foldedLines(texts);
  return enclosed && texts.length > 0 ? `\n${text}\n` : text;
}

/** Makes the SQL of a shape the first time only: it is asked for with every row. */
function onceEach(make: (shape: Shape) => string): (shape: Shape) => string {
  const made = new Map<Shape, string>();
  return (shape) => {
    const sql = made.get(shape) ?? make(shape);
    made.set(shape, sql);
    return sql;
  };
}
