import { type BlockLine, scanBlocks } from "./block-lines.ts";
import { type BodyField, readBodyFields } from "./body-fields.ts";
import { dateInPath } from "./dates.ts";
import { fieldType, findField, normaliseKey, spellingRank } from "./field-names.ts";
import { type FieldSource, type MetadataValue, readFieldValue } from "./field-value.ts";
import { type Frontmatter, readFrontmatter } from "./frontmatter.ts";
import { MOST_HEADINGS, sectionsOf } from "./sections.ts";
import type { TextWarning } from "./text-warning.ts";
import { readTitle, type Title } from "./title.ts";

/** Everything that a document says about itself, read but not judged: statuses and types are as written. */
export interface DocumentText extends Title {
  /** By the store's name (`status`, `topics`, `created`…), unknown keys by their normalised spelling. */
  readonly fields: Readonly<Record<string, MetadataValue>>;
  readonly body: string;
  readonly frontmatter: Frontmatter;
  /** Fields that the body shows, with their places in `body`. */
  readonly bodyFields: readonly BodyField[];
  /** In order of lines. */
  readonly warnings: readonly TextWarning[];
  /** No words and no fields. */
  readonly isEmpty: boolean;
}

/** Fields whose difference between frontmatter and body is worth a warning. */
const COMPARED = new Set(["status", "priority", "author", "type", "date", "created", "completed", "started"]);

/**
 * Reads a document: frontmatter, title, fields. Frontmatter wins over what the body shows; where the two
 * differ, a warning says so. Never throws, whatever the text.
 * @param path relative, with `/`: gives a date and, last of all, a title
 */
export function readMetadata(path: string, text: string): DocumentText {
  const frontmatter = readFrontmatter(text);
  const { body, data } = frontmatter;
  const { lines } = scanBlocks(body);
  const sections = sectionsOf(body, lines, { mostHeadings: MOST_HEADINGS });
  const bodyFields = readBodyFields(body, lines, sections);
  const warnings = [...frontmatter.warnings];
  const given = [...fieldsOfData(frontmatter), ...fieldsOfBody(frontmatter, bodyFields)];
  const fields = settle(given, warnings);
  const date = dateInPath(path);
  if (date !== undefined && fields.date?.iso === undefined) {
    fields.date = { text: date, list: [date], iso: date, from: "path", key: "", line: 0 };
  }
  const isEmpty = !hasWords(body, lines) && Object.keys(data).length === 0;
  return {
    ...readTitle({ path, data, body, lines, sections }),
    fields,
    body,
    frontmatter,
    bodyFields,
    warnings: warnings.toSorted((a, b) => a.line - b.line),
    isEmpty,
  };
}

interface Given {
  readonly name: string;
  readonly raw: unknown;
  readonly source: FieldSource;
}

function fieldsOfData({ data, keyLines }: Frontmatter): Given[] {
  const given = Object.entries(data).map(([key, raw]) => ({
    name: findField(key) ?? normaliseKey(key),
    raw,
    source: { from: "frontmatter" as const, key, line: keyLines.get(key) ?? 1 },
  }));
  return given
    .filter(({ name }) => name !== "")
    .toSorted((a, b) => spellingRank(a.source.key) - spellingRank(b.source.key));
}

function fieldsOfBody({ bodyLine }: Frontmatter, bodyFields: readonly BodyField[]): Given[] {
  const given = bodyFields.map(({ key, value, line }) => ({
    name: findField(key) ?? normaliseKey(key),
    raw: value,
    source: { from: "body" as const, key, line: bodyLine - 1 + line },
  }));
  return given.filter(({ name }) => name !== "" && name !== "title");
}

/** One value a name: the first that was given, lists from one place put together; problems go to `warnings`. */
function settle(given: readonly Given[], warnings: TextWarning[]): Record<string, MetadataValue> {
  const fields = new Map<string, MetadataValue>();
  for (const { name, raw, source } of given) {
    const type = fieldType(name);
    const read = readFieldValue(raw, type, source);
    if (read === undefined) continue;
    if (read.problem !== undefined)
      warnings.push({ line: source.line, reason: `"${source.key}": ${read.problem}.` });
    const held = fields.get(name);
    if (held === undefined) fields.set(name, read.value);
    else if (held.from !== source.from) warnings.push(...conflict(name, held, read.value));
    else if (type === "list") fields.set(name, joined(held, read.value));
  }
  return Object.fromEntries(fields);
}

function joined(held: MetadataValue, more: MetadataValue): MetadataValue {
  const list = [...new Set([...held.list, ...more.list])];
  return { ...held, list, text: list.join(", ") };
}

function conflict(name: string, held: MetadataValue, other: MetadataValue): TextWarning[] {
  if (!COMPARED.has(name) || !isDifferent(held, other)) return [];
  const reason = `The body says ${other.key} "${other.text}", the frontmatter ${held.key} "${held.text}"; the frontmatter counts.`;
  return [{ line: other.line, reason }];
}

/** Emoji, case and remarks behind the value aside: "🔵 LOW (later)" is "low". */
function isDifferent(held: MetadataValue, other: MetadataValue): boolean {
  if (held.iso !== undefined || other.iso !== undefined) {
    return (
      held.iso !== undefined && other.iso !== undefined && held.iso.slice(0, 10) !== other.iso.slice(0, 10)
    );
  }
  const [a, b] = [plain(held.text), plain(other.text)];
  return a !== "" && b !== "" && !a.startsWith(b) && !b.startsWith(a);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

function hasWords(body: string, lines: readonly BlockLine[]): boolean {
  return lines.some(({ kind, start, end }) => kind !== "blank" && body.slice(start, end).trim() !== "");
}
