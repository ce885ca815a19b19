import { readDate } from "./dates.ts";
import type { FieldType } from "./field-names.ts";
import { visibleHeading } from "./sections.ts";

/** A field of a document, from wherever it was given. */
export interface MetadataValue {
  /** As people see it: a list with commas, a mapping as JSON. */
  readonly text: string;
  /** The items of a list; the whole text as one item where it is none. */
  readonly list: readonly string[];
  /** Of a date: `YYYY-MM-DD`, or ISO 8601 UTC with milliseconds where a time of day was given. */
  readonly iso?: string;
  readonly from: "frontmatter" | "body" | "path";
  /** The key as it was written. */
  readonly key: string;
  /** 1-based line of the text; 0 where it is not from the text. */
  readonly line: number;
}

export interface FieldSource {
  readonly from: MetadataValue["from"];
  readonly key: string;
  readonly line: number;
}

/** A raw value read as its field's type, with what was wrong about it; `undefined` for null and blank values. */
export function readFieldValue(
  raw: unknown,
  type: FieldType,
  source: FieldSource,
): { readonly value: MetadataValue; readonly problem?: string } | undefined {
  const items = leaves(raw)
    .map((leaf) => leaf.trim())
    .filter((leaf) => leaf !== "");
  if (items.length === 0) return undefined;
  const text = isPlainObject(raw) ? JSON.stringify(raw) : items.map(visible(source)).join(", ");
  if (type === "list") {
    const list = [
      ...new Set(items.flatMap(typeof raw === "string" ? splitList : (item) => [item]).map(visible(source))),
    ];
    return list.length === 0 ? undefined : { value: { text: list.join(", "), list, ...source } };
  }
  const value = { text, list: items.map(visible(source)), ...source };
  if (type !== "date") return { value };
  const date = readDate(text);
  if (date.kind === "date") return { value: { ...value, iso: date.iso } };
  return date.kind === "malformed" ? { value, problem: date.reason } : { value };
}

/** Markdown is taken off only what stood in markdown. */
function visible(source: FieldSource): (text: string) => string {
  return source.from === "body" ? visibleHeading : (text) => text;
}

function leaves(raw: unknown): string[] {
  if (raw === null || raw === undefined) return [];
  if (Array.isArray(raw)) return raw.flatMap(leaves);
  if (isPlainObject(raw)) return Object.values(raw).flatMap(leaves);
  return [String(raw)];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `a, "b, c", [d](x)`, `#a #b`: the items without quotes, ticks and hashes; "none" is no item. */
function splitList(text: string): string[] {
  const inner = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const isHashed = /^#[^\s#,]+(?:\s+#[^\s#,]+)*$/.test(inner);
  const items = isHashed ? inner.split(/\s+/) : (inner.match(/(?:"[^"]*"|`[^`]*`|\([^)]*\)|[^,;])+/g) ?? []);
  return items
    .map((item) =>
      item
        .trim()
        .replace(/^(["'`])(.*)\1$/, "$2")
        .replace(/^#(?=\p{L})/u, "")
        .trim(),
    )
    .filter((item) => item !== "" && !/^(?:none|n\/a|-+|—|–|null|\[\])$/i.test(item));
}
