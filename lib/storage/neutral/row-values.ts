import { foldedLines } from "../../domain/folded.ts";
import type { Field, FoldedField, Shape } from "./shapes.ts";

/** A row of the domain, member by member. */
export type RowValues = Readonly<Record<string, unknown>>;

/** The columns of these fields, for a SELECT. */
export function columnsOf(fields: readonly Field[]): string {
  return fields.map(({ column }) => column).join(", ");
}

/** The columns that a whole row is written to, in the order of `rowEncoder`'s values. */
export function writtenColumns({ fields, body, folded }: Shape): readonly string[] {
  return [...fields, ...body, ...folded].map(({ column }) => column);
}

/** What turns a row into the values of its columns. `flag`: how the engine keeps a truth value. */
export function rowEncoder<Flag>(flag: (is: boolean) => Flag) {
  const encode = ({ codec, key }: Field, value: unknown): string | number | Flag | null => {
    if (value === undefined || value === null) return null;
    if (codec === "json") return JSON.stringify(value);
    if (codec === "flag") return flag(value === true);
    if (typeof value === "string" || typeof value === "number") return value;
    throw new TypeError(`${key} is neither text nor a number.`);
  };
  return ({ fields, body, folded }: Shape, row: RowValues) => {
    const values: (string | number | Flag | null)[] = [];
    for (const field of fields) values.push(encode(field, row[field.key]));
    for (const field of body) values.push(encode(field, row[field.key]));
    for (const field of folded) values.push(foldedValue(field, row));
    return values;
  };
}

/** The text of a column that is made from others. */
export function foldedValue({ keys, enclosed }: FoldedField, row: RowValues): string {
  const texts = keys.flatMap((key) => row[key] ?? []).map(String);
  const text = foldedLines(texts);
  return enclosed && texts.length > 0 ? `\n${text}\n` : text;
}

/** Makes the SQL of a shape the first time only: it is asked for with every row. */
export function onceEach(make: (shape: Shape) => string): (shape: Shape) => string {
  const made = new Map<Shape, string>();
  return (shape) => {
    const sql = made.get(shape) ?? make(shape);
    made.set(shape, sql);
    return sql;
  };
}
