import { KnowledgeError } from "../domain/error.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { patchFrontmatter } from "../markdown/patch.ts";
import { appendToDocument, appendToSection, replaceSection } from "../markdown/section-edits.ts";
import { findSection, readSections } from "../markdown/sections.ts";

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
    const line = labelLine(out, key);
    if (line !== undefined && value !== undefined)
      out = out.slice(0, line.start) + shown(value) + out.slice(line.end);
    const isOwed = add && value !== undefined && line === undefined;
    if (written !== undefined || isOwed) patches[written ?? key] = value;
  }
  return Object.keys(patches).length === 0 ? out : patchFrontmatter(out, patches);
}

/** The text with its first heading renamed, when that heading is the old title. */
export function retitle(text: string, from: string, to: string): string {
  const first = readSections(text, readFrontmatter(text).bodyStart).find(({ level }) => level === 1);
  if (first === undefined || first.heading !== from) return text;
  const line = text.slice(first.start, first.bodyStart);
  const at = first.start + line.indexOf(from);
  return line.includes(from) ? text.slice(0, at) + to + text.slice(at + from.length) : text;
}

function requireSection(text: string, name: string | undefined) {
  if (name === undefined) {
    throw new KnowledgeError("invalid_input", "replaceSection needs the heading of the section to replace.", {
      field: "section",
      valid: headings(text),
      hint: "Give the heading with section.",
    });
  }
  const section = findSection(text, name, readFrontmatter(text).bodyStart);
  if (section !== undefined) return section;
  throw new KnowledgeError("not_found", `The document has no section "${name.slice(0, 80)}".`, {
    field: "section",
    valid: headings(text),
    hint: "Use one of its headings, or leave section out to write at the end.",
  });
}

/** The document's headings in order, at most 50. */
export function headings(text: string): readonly string[] {
  const all = readSections(text, readFrontmatter(text).bodyStart).filter(({ level }) => level > 0);
  return all.slice(0, 50).map(({ heading }) => heading);
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

function shown(value: string | readonly string[]): string {
  return typeof value === "string" ? value : value.join(", ");
}
