import { KnowledgeError } from "../domain/error.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { patchFrontmatter } from "../markdown/patch.ts";
import { appendToDocument, appendToSection, replaceSection } from "../markdown/section-edits.ts";
import { findSection, readSections, type Section } from "../markdown/sections.ts";
import { redactText } from "./redact.ts";

/** What a caller wants changed in a document's text. */
export interface TextEdit {
  /** Text to add: at the end, or at the end of `section`. */
  readonly append?: string | undefined;
  /** Heading of the section that `append` or `replaceSection` is about. */
  readonly section?: string | undefined;
  /** The section's new text below its heading. */
  readonly replaceSection?: string | undefined;
}

/** The text with the edit applied by position; nothing else changes. @throws KnowledgeError `not_found` for an unknown section. */
export function editText(text: string, edit: TextEdit): string {
  if (edit.replaceSection !== undefined)
    return replaceSection(text, requireSection(text, edit.section), edit.replaceSection);
  if (edit.append === undefined) return text;
  if (edit.section === undefined) return appendToDocument(text, edit.append);
  return appendToSection(text, requireSection(text, edit.section), edit.append);
}

/** Metadata as the text spells it. */
export type Labels = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The text with its metadata set where the text keeps it: in its frontmatter, in `**Label:** value` lines, or
 * both. What it keeps nowhere is added to the frontmatter only when `add` (files, whose text is the truth).
 */
export function relabel(text: string, labels: Labels, add: boolean): string {
  const { data } = readFrontmatter(text);
  const patches: Record<string, string | readonly string[] | undefined> = {};
  let out = text;
  for (const [key, value] of Object.entries(labels)) {
    const written = Object.keys(data).find((name) => name.toLowerCase() === key);
    const line = value === undefined ? undefined : labelLine(out, key);
    if (line !== undefined && value !== undefined) {
      const spelt = shown(withSpans(value, out.slice(line.start, line.end)));
      out = out.slice(0, line.start) + spelt + out.slice(line.end);
    }
    const isOwed = add && value !== undefined && line === undefined;
    if (written !== undefined) patches[written] = withSpans(value, data[written]);
    else if (isOwed) patches[key] = value;
  }
  return Object.keys(patches).length === 0 ? out : patchFrontmatter(out, patches);
}

/** The text with its first heading renamed, when that heading is the old title. */
export function retitle(text: string, from: string, to: string): string {
  const first = sectionsIn(text).find(({ level }) => level === 1);
  if (first === undefined) return text;
  // The title comes from the store, where it is redacted; the text may be a file's own.
  const { heading } = first;
  if (heading !== from && redactText(heading).text !== from) return text;
  const line = text.slice(first.start, first.bodyStart);
  const at = first.start + line.indexOf(heading);
  return line.includes(heading) ? text.slice(0, at) + to + text.slice(at + heading.length) : text;
}

function requireSection(text: string, name: string | undefined) {
  if (name === undefined) {
    throw new KnowledgeError("invalid_input", "replaceSection needs the heading of the section to replace.", {
      field: "section",
      valid: shownHeadings(text),
      hint: "Give the heading with section.",
    });
  }
  const wanted = redactText(name).text;
  const section = findShownSection(text, wanted);
  if (section !== undefined) return section;
  throw new KnowledgeError("not_found", `The document has no section "${wanted.slice(0, 80)}".`, {
    field: "section",
    valid: shownHeadings(text),
    hint: "Use one of its headings, or leave section out to write at the end.",
  });
}

/**
 * The section that a redacted name means, looked for among headings as they are shown: whoever asks has seen
 * no others, and no error may tell more.
 */
function findShownSection(text: string, wanted: string): Section | undefined {
  const shownText = redactText(text).text;
  const found = findSection(shownText, wanted, readFrontmatter(shownText).bodyStart);
  if (found === undefined) return undefined;
  const same = (section: Section): boolean => redactText(section.heading).text === found.heading;
  const place = sectionsIn(shownText).filter(({ heading }) => heading === found.heading);
  return sectionsIn(text).filter(same)[place.findIndex(({ start }) => start === found.start)];
}

/** The document's headings in order, at most 50. */
export function headings(text: string): readonly string[] {
  return sectionsIn(text)
    .filter(({ level }) => level > 0)
    .slice(0, 50)
    .map(({ heading }) => heading);
}

/** The headings for an error's `valid`: redacted, for the text may be a file's own. */
function shownHeadings(text: string): readonly string[] {
  return headings(redactText(text).text);
}

/** Where the value of a `**Label:** value` line near the top stands. */
function labelLine(
  text: string,
  label: string,
): { readonly start: number; readonly end: number } | undefined {
  const from = readFrontmatter(text).bodyStart;
  const expression = new RegExp(
    `^([ \\t]*(?:[-*] +)?\\*\\*${label}(?::\\*\\*|\\*\\*:)[ \\t]*)([^\\r\\n]*?)[ \\t]*$`,
    "im",
  );
  const match = expression.exec(text.slice(from, from + 4_000));
  if (match === null) return undefined;
  const start = from + match.index + (match[1] ?? "").length;
  return { start, end: start + (match[2] ?? "").length };
}

function sectionsIn(text: string): readonly Section[] {
  return readSections(text, readFrontmatter(text).bodyStart);
}

/** A redacted span is never written back (RULES 13): an item that came so from the store is the text's own again. */
function withSpans<T extends Labels[string]>(value: T, old: unknown): T | readonly string[] {
  if (value === undefined || typeof value === "string") return value;
  const items = (Array.isArray(old) ? old : String(old ?? "").split(",")).map((item) => String(item).trim());
  const own = new Map(items.map((item) => [redactText(item).text, item]));
  return value.map((item) => own.get(item) ?? item);
}

function shown(value: string | readonly string[]): string {
  return typeof value === "string" ? value : value.join(", ");
}
