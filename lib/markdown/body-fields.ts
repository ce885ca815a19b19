import type { BlockLine } from "./block-lines.ts";
import { fieldType, findField } from "./field-names.ts";
import type { Section } from "./sections.ts";

/** A `key: value` that the body itself shows. */
export interface BodyField {
  readonly key: string;
  readonly value: string;
  /** 1-based line of the body. */
  readonly line: number;
  /** Where the value stands in the body. */
  readonly start: number;
  readonly end: number;
}

/** `**Status:** x`, `**Status**: x`, `__Status__: x`, several on a line. */
const BOLD = /(?:\*\*|__)([\p{L}][\p{L}\p{N} _/()-]{0,40}?)(?:[ \t]*:(?:\*\*|__)|(?:\*\*|__)[ \t]*:)[ \t]*/gu;
const PLAIN = /^(?:[-*+>][ \t]+)?([\p{L}][\p{L}\p{N} _/()-]{0,40}?)[ \t]*:[ \t]+(?=\S)/u;
const TABLE_ROW =
  /^\|[ \t]*(?:\*\*)?([\p{L}][\p{L}\p{N} _-]{0,40}?):?(?:\*\*)?[ \t]*\|[ \t]*([^|]+?)[ \t]*\|[ \t]*$/u;
/** Sections whose first words are a field: "## Status", then "Accepted". */
const FIELD_SECTION = new Set(["status", "date", "author", "priority", "triggers"]);
const LONGEST_VALUE = 300;
const HEADER_LINES = 80;

/**
 * The fields a body shows: bold lines, `Key: value` lines and two-column tables between its title and its
 * first section, and ADR sections such as "## Status". Unknown keys are read only where they stand together
 * with others at the very top.
 */
export function readBodyFields(
  body: string,
  lines: readonly BlockLine[],
  sections: readonly Section[],
): BodyField[] {
  const fields: BodyField[] = [];
  let isTop = true;
  for (const line of headerLines(lines)) {
    const found = line.kind === "rule" || line.kind === "fence" ? [] : fieldsOfLine(body, line, isTop);
    if (found.length === 0 && line.kind !== "quote") isTop = false;
    fields.push(...found);
  }
  return [...fields, ...sections.flatMap((section) => fieldOfSection(body, section))].filter(
    ({ value }) => value !== "",
  );
}

/** The lines with words before the first section that is not the title. */
function headerLines(lines: readonly BlockLine[]): BlockLine[] {
  const header: BlockLine[] = [];
  let titles = 0;
  for (const line of lines.slice(0, HEADER_LINES)) {
    if (line.level > 1 || (line.level === 1 && titles > 0)) break;
    if (line.level === 1) titles++;
    else if (["text", "item", "quote", "rule", "fence"].includes(line.kind)) header.push(line);
  }
  return header;
}

function fieldsOfLine(body: string, line: BlockLine, isTop: boolean): BodyField[] {
  const text = body.slice(line.start, Math.min(line.end, line.start + 2000));
  const bold = boldFields(text, line);
  if (bold.length > 0) return bold.filter((field) => isTop || findField(field.key) !== undefined);
  if (!isTop) return [];
  const row = TABLE_ROW.exec(text);
  if (row !== null && findField(row[1] ?? "") !== undefined) {
    const start = text.lastIndexOf(row[2] ?? "");
    return [fieldAt(text, line, row[1] ?? "", start, start + (row[2] ?? "").length)];
  }
  const plain = PLAIN.exec(text);
  if (plain === null || findField(plain[1] ?? "") === undefined) return [];
  return [fieldAt(text, line, plain[1] ?? "", plain[0].length, text.length)];
}

function boldFields(text: string, line: BlockLine): BodyField[] {
  const matches = [...text.matchAll(BOLD)];
  const isLine = /^[ \t]*(?:[-*+>][ \t]+)*(?:\p{Extended_Pictographic}\uFE0F?[ \t]*)?$/u.test(
    text.slice(0, matches[0]?.index ?? 0),
  );
  if (!isLine) return [];
  return matches.map((match, index) => {
    const end = matches[index + 1]?.index ?? text.length;
    return fieldAt(text, line, match[1] ?? "", match.index + match[0].length, end);
  });
}

/** A field whose value is between two offsets of its line, separators and line-break marks at its end taken off. */
function fieldAt(text: string, line: BlockLine, key: string, from: number, to: number): BodyField {
  const value = text
    .slice(from, to)
    .replace(/(?:<br ?\/?>|\\)?\s*$/, "")
    .replace(/\s*[|·•;,]?\s*$/, "")
    .slice(0, LONGEST_VALUE);
  return {
    key: key.trim(),
    value,
    line: line.number,
    start: line.start + from,
    end: line.start + from + value.length,
  };
}

function fieldOfSection(body: string, section: Section): BodyField[] {
  const name = findField(section.heading);
  if (section.level < 2 || section.level > 3 || name === undefined || !FIELD_SECTION.has(name)) return [];
  const text = body.slice(section.bodyStart, Math.min(section.ownEnd, section.bodyStart + 2000));
  // Same length, so that offsets stay true.
  const visible = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\r\n]/g, " "));
  const from = visible.search(/\S/);
  // Code, tables, quotes and sections below are no value.
  if (from < 0 || /^(?:`|~|\||>|<|#)/.test(visible.slice(from))) return [];
  const line =
    section.line + body.slice(section.start, section.bodyStart + from).split(/\r\n|\n|\r/).length - 1;
  const paragraph = /^.*/.exec(visible.slice(from))?.[0] ?? "";
  const start = from + (/^(?:[-*+>]\s+(?:\[.\]\s+)?)?/.exec(paragraph)?.[0].length ?? 0);
  const end = from + paragraph.trimEnd().length;
  const value =
    fieldType(name) === "list" ? listedItems(visible) : visible.slice(start, end).slice(0, LONGEST_VALUE);
  return [
    { key: section.heading, value, line, start: section.bodyStart + start, end: section.bodyStart + end },
  ];
}

/** The words of a list, or the first line of a section that has none, with commas between. */
function listedItems(text: string): string {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  const items = lines.flatMap((line) => /^(?:[-*+]|\d{1,3}[.)])\s+(.+)$/.exec(line)?.[1] ?? []);
  return items.length > 0 ? items.join(", ") : (lines.find((line) => line !== "") ?? "");
}
