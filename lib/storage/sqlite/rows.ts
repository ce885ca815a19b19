import { foldedLines } from "../../domain/folded.ts";
import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { Field, FoldedField, Shape } from "../neutral/shapes.ts";
import type { Bindable, RawRow } from "./driver.ts";

/** The condition that every statement over one project begins with; binds the project's id. */
export const SCOPE = `tenant_id = '${DEFAULT_TENANT}' AND project_id = ?`;

/** Above every text that sorts: `text < LAST` holds for all timestamps, ids and titles. */
export const LAST = "\u{10ffff}";

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
    if (codec === "json") decoded[key] = JSON.parse(String(value));
    else decoded[key] = codec === "flag" ? value === 1 : value;
  }
  // SAFETY: shapes.ts names the members of the domain's row, and STRICT columns and CHECKs hold their values.
  return decoded as Row;
}

/** `INSERT` of a whole row; binds {@link encodeRow}. */
export const insertSql = onceEach(({ table, ...shape }: Shape) => {
  const columns = writtenColumns(shape);
  const marks = columns.map(() => "?").join(", ");
  return `INSERT INTO ${table} (tenant_id, ${columns.join(", ")}) VALUES ('${DEFAULT_TENANT}', ${marks})`;
});

/** `UPDATE` of a whole row; binds {@link encodeRow}, then project and id. */
export const updateSql = onceEach(({ table, ...shape }: Shape) => {
  const settings = writtenColumns(shape).map((column) => `${column} = ?`);
  return `UPDATE ${table} SET ${settings.join(", ")} WHERE ${SCOPE} AND id = ?`;
});

export function encodeRow({ fields, body, folded }: Shape, row: Values): Bindable[] {
  const values: Bindable[] = [];
  for (const field of fields) values.push(encode(field, row[field.key]));
  for (const field of body) values.push(encode(field, row[field.key]));
  for (const field of folded) values.push(encodeFolded(field, row));
  return values;
}

function writtenColumns({ fields, body, folded }: Omit<Shape, "table">): readonly string[] {
  return [...fields, ...body, ...folded].map(({ column }) => column);
}

function encode({ codec, key }: Field, value: unknown): Bindable {
  if (value === undefined || value === null) return null;
  if (codec === "json") return JSON.stringify(value);
  if (codec === "flag") return value === true ? 1 : 0;
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
