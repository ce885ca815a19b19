import { type BlockLine, scanBlocks } from "./block-lines.ts";
import { readFrontmatter } from "./frontmatter.ts";
import { lineEndingOf } from "./lines.ts";
import { readSections, type Section } from "./sections.ts";

const END_MARK = /^\s*<!--[^<>]*\bEND\b[^<>]*-->\s*$/;

/**
 * `addition` as the last words of a section: behind its subsections and before the rule that parts it from
 * the next. No character of the document goes and the addition comes out as it went in; only line endings
 * (the document's) are set between the two.
 */
export function appendToSection(text: string, section: Section, addition: string): string {
  const isLast = section.end === text.length;
  if (isLast && closerOf(text) !== undefined) return appendToDocument(text, addition);
  const at = contentOf(text, section).end;
  return joined(text, text.slice(0, at), addition, text.slice(at));
}

/**
 * A section with other words under its heading; its subsections go too, the rule behind it stays. Where the
 * replacement begins with the section's own heading, that heading is not doubled.
 */
export function replaceSection(text: string, section: Section, replacement: string): string {
  const [own] = readSections(replacement);
  const isDoubled = section.level > 0 && own?.level === section.level && own.heading === section.heading;
  const words = isDoubled
    ? replacement.slice(own.bodyStart).replace(/^(?:[ \t]*(?:\r\n|\n|\r))+/, "")
    : replacement;
  const content = contentOf(text, section);
  const isEmpty = content.start === content.end;
  if (section.level > 0 && isEmpty)
    return joined(text, text.slice(0, content.start), words, text.slice(content.end));
  return text.slice(0, content.start) + ended(text, words, text.slice(content.end));
}

/** `addition` behind everything else; a code fence or comment that the document leaves open is closed first. */
export function appendToDocument(text: string, addition: string): string {
  const eol = lineEndingOf(text);
  const closer = closerOf(text);
  const before = closer === undefined ? text : `${text}${/[\r\n]$/.test(text) ? "" : eol}${closer}${eol}`;
  return joined(text, before, addition, "");
}

/** Both sides with a blank line before the addition and one behind it. */
function joined(text: string, before: string, addition: string, after: string): string {
  const eol = lineEndingOf(text);
  const isFresh = before === "" || before === "\uFEFF" || /(?:\r\n\r\n|\n\n|\r\r)$/.test(before);
  const glue = isFresh ? "" : /[\r\n]$/.test(before) ? eol : eol + eol;
  return before + glue + ended(text, addition, after);
}

function ended(text: string, addition: string, after: string): string {
  const eol = lineEndingOf(text);
  const close = addition === "" || /[\r\n]$/.test(addition) ? "" : eol;
  const gap = /^[ \t]*(?:[\r\n]|$)/.test(after) ? "" : eol;
  return addition + close + gap + after;
}

function closerOf(text: string): string | undefined {
  return scanBlocks(text, readFrontmatter(text).bodyStart).closer;
}

/** From the first line of a section that says something to behind the last one. */
function contentOf(text: string, section: Section): { readonly start: number; readonly end: number } {
  const { lines } = scanBlocks(text, readFrontmatter(text).bodyStart);
  const own = lines.filter(({ start }) => start >= section.bodyStart && start < section.end);
  const first = own.find(({ kind }) => kind !== "blank");
  const last = own.findLast((line) => !isTail(text, line));
  if (last === undefined || first === undefined) return { start: section.bodyStart, end: section.bodyStart };
  return { start: first.start, end: last.next };
}

/** What may end a section without being part of what it says: blank lines, rules, end marks of other tools. */
function isTail(text: string, { kind, start, end }: BlockLine): boolean {
  return kind === "blank" || kind === "rule" || (kind === "html" && END_MARK.test(text.slice(start, end)));
}
