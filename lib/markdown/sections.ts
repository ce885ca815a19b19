import { KnowledgeError } from "../domain/error.ts";
import { type BlockLine, scanBlocks } from "./block-lines.ts";

/** A heading and what stands under it. Offsets are UTF-16 units into the text that was read. */
export interface Section {
  /** 1–6; 0 is the text before the first heading. */
  readonly level: number;
  /** The heading as people see it, without `#`, emphasis or links; empty on level 0. */
  readonly heading: string;
  /** The headings from the outermost to this one. */
  readonly path: readonly string[];
  readonly start: number;
  /** Behind the heading's line. */
  readonly bodyStart: number;
  /** Where the section's own text ends: at the next heading of any level. */
  readonly ownEnd: number;
  /** Where the section ends with all its subsections. */
  readonly end: number;
  /** 1-based line of the heading, counted from the start of the text. */
  readonly line: number;
}

interface Heading {
  readonly level: number;
  readonly heading: string;
  readonly start: number;
  readonly bodyStart: number;
  readonly line: number;
}

/**
 * The sections of a text in order, the preamble (level 0) first where there is one. Headings are ATX and
 * setext headings outside code, HTML, quotes and list items.
 * @param from where the body starts, for a text that begins with frontmatter
 */
export function readSections(text: string, from = 0): Section[] {
  const { lines } = scanBlocks(text, from, countLines(text, from));
  return sectionsOf(text, lines, { from });
}

/** UTF-16 units of a heading that are looked at: some marks cost the square of the length. */
const LONGEST_HEADING = 500;
/** Of {@link MOST_HEADINGS} together. */
const LONGEST_OUTLINE = 400_000;
/** Headings that passages and fields are told apart by; a text of millions of them is no outline. */
export const MOST_HEADINGS = 10_000;

export interface OutlineOptions {
  readonly from?: number;
  /** Further headings count as the last section's words. */
  readonly mostHeadings?: number;
}

/** As `readSections`, from lines that were scanned before. */
export function sectionsOf(
  text: string,
  lines: readonly BlockLine[],
  { from = 0, mostHeadings = Number.POSITIVE_INFINITY }: OutlineOptions = {},
): Section[] {
  const headings = headingsOf(text, lines, mostHeadings);
  const first: Heading = { level: 0, heading: "", start: from, bodyStart: from, line: lines[0]?.number ?? 1 };
  const all = headings[0]?.start === from ? headings : [first, ...headings];
  const ends = subtreeEnds(all, text.length);
  const ancestors: Heading[] = [];
  return all.map((heading, index) => {
    while ((ancestors.at(-1)?.level ?? -1) >= heading.level) ancestors.pop();
    if (heading.level > 0) ancestors.push(heading);
    const path = ancestors.map((ancestor) => ancestor.heading);
    const ownEnd = all[index + 1]?.start ?? text.length;
    return { ...heading, path, ownEnd, end: heading.level === 0 ? ownEnd : (ends[index] ?? text.length) };
  });
}

/**
 * The section that `name` means: case and decoration aside, the whole heading first, then its beginning.
 * `A/B` (or `A › B`) is B somewhere under A; `A#2` the second of that name. `undefined` where there is none.
 * @throws KnowledgeError `invalid_input` where several sections fit; `valid` lists them as names that do work
 */
export function findSection(text: string, name: string, from = 0): Section | undefined {
  const sections = readSections(text, from).filter((section) => section.level > 0);
  const found = candidatesFor(sections, name);
  if (found.length <= 1) return found[0];
  const valid = found.map((section) => nameOf(section, sections));
  throw new KnowledgeError(
    "invalid_input",
    `The document has ${found.length} sections that "${name}" could mean.`,
    {
      hint: `Name one of them: ${valid.join(", ")}.`,
      field: "section",
      valid,
    },
  );
}

/** A heading as people see it: emphasis, code ticks, links, comments and closing marks taken off. */
export function visibleHeading(raw: string): string {
  return raw
    .slice(0, LONGEST_HEADING)
    .replace(/<!--.*?-->/g, "")
    .replace(/!?\[([^\]]*)\]\([^()\s]*(?:\s[^()]*)?\)/g, "$1")
    .replace(/\[([^\]]*)\]\[[^\]]*\]/g, "$1")
    .replace(/`+([^`]*)`+/g, "$1")
    .replace(/(\*\*\*|\*\*|\*|___|__)(?=\S)(.*?\S)\1/g, "$2")
    .replace(/\\([\\`*_{}[\]()#+.!|<>-])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

function headingsOf(text: string, lines: readonly BlockLine[], most: number): readonly Heading[] {
  const headings: Heading[] = [];
  let length = 0;
  for (const line of lines) {
    if (line.level === 0) continue;
    length += Math.min(line.end - line.content, LONGEST_HEADING);
    if (headings.length >= most || (length > LONGEST_OUTLINE && most < Number.POSITIVE_INFINITY)) break;
    headings.push(headingOf(text, line, lines));
  }
  return headings;
}

function headingOf(text: string, line: BlockLine, lines: readonly BlockLine[]): Heading {
  const where = { level: line.level, bodyStart: line.next };
  if (line.kind === "heading") {
    const raw = text.slice(line.content + line.level, line.end).trim();
    return {
      ...where,
      heading: visibleHeading(withoutClosingHashes(raw)),
      start: line.start,
      line: line.number,
    };
  }
  const first = firstLineFrom(lines, line, line.content);
  return {
    ...where,
    heading: visibleHeading(text.slice(line.content, line.start)),
    start: first.start,
    line: first.number,
  };
}

/** The paragraph line that holds `offset`, looking back from its underline. */
function firstLineFrom(lines: readonly BlockLine[], underline: BlockLine, offset: number): BlockLine {
  let index = underline.number - (lines[0]?.number ?? 1);
  while (index > 0 && (lines[index]?.start ?? 0) > offset) index--;
  return lines[index] ?? underline;
}

function withoutClosingHashes(raw: string): string {
  let end = raw.length;
  while (end > 0 && raw[end - 1] === "#") end--;
  const isClosed = end === 0 || raw[end - 1] === " " || raw[end - 1] === "\t";
  return isClosed ? raw.slice(0, end).trimEnd() : raw;
}

/** For each heading, where the next one of its level or above stands. */
function subtreeEnds(headings: readonly Heading[], length: number): number[] {
  const ends = headings.map(() => length);
  const open: { readonly level: number; readonly index: number }[] = [];
  for (const [index, heading] of headings.entries()) {
    while ((open.at(-1)?.level ?? -1) >= heading.level) ends[open.pop()?.index ?? 0] = heading.start;
    if (heading.level > 0) open.push({ level: heading.level, index });
  }
  return ends;
}

function candidatesFor(sections: readonly Section[], name: string): readonly Section[] {
  const whole = [withPath(sections, name), matching(sections, name)].find((found) => found.length > 0) ?? [];
  if (whole.length > 0) return whole;
  const numbered = /^(.+)#(\d+)$/.exec(name.trim());
  if (numbered?.[1] !== undefined) {
    const chosen = candidatesFor(sections, numbered[1])[Number(numbered[2]) - 1];
    return chosen === undefined ? [] : [chosen];
  }
  const steps = name.split(/\s*[/›]\s*/).filter((step) => step !== "");
  const last = steps.pop();
  if (last === undefined || steps.length === 0) return [];
  const under = sections.filter((section) => isUnder(section.path.slice(0, -1), steps));
  return matching(under, last);
}

/** Sections under another whose whole path is `name`. */
function withPath(sections: readonly Section[], name: string): readonly Section[] {
  const wanted = name.trim().toLowerCase();
  return sections.filter(({ path }) => path.length > 1 && path.join("/").toLowerCase() === wanted);
}

/** Exact first, then plain (decoration aside), then by beginning. */
function matching(sections: readonly Section[], name: string): readonly Section[] {
  const wanted = name.trim().replace(/^#{1,6}\s+/, "");
  const plain = plainHeading(wanted);
  const exact = sections.filter((section) => section.heading.toLowerCase() === wanted.toLowerCase());
  if (exact.length > 0 || plain === "") return exact;
  const same = sections.filter((section) => plainHeading(section.heading) === plain);
  if (same.length > 0) return same;
  return sections.filter((section) => plainHeading(section.heading).startsWith(plain));
}

function isUnder(ancestors: readonly string[], steps: readonly string[]): boolean {
  let at = 0;
  for (const ancestor of ancestors) {
    const step = plainHeading(steps[at] ?? "");
    if (step !== "" && plainHeading(ancestor).startsWith(step)) at++;
  }
  return at === steps.length;
}

/** Lower case, without emoji, numbers' dots and other marks at either end. */
function plainHeading(heading: string): string {
  return visibleHeading(heading)
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .replace(/[^\p{L}\p{N})\]]{1,20}$/u, "");
}

/** A name that finds this section alone: its path, numbered where several share it. */
function nameOf(section: Section, sections: readonly Section[]): string {
  const path = section.path.join("/");
  const isNested = section.path.length > 1;
  const namesakes = isNested ? withPath(sections, path) : matching(sections, section.heading);
  return namesakes.length === 1 ? path : `${path}#${namesakes.indexOf(section) + 1}`;
}

function countLines(text: string, until: number): number {
  return until === 0 ? 1 : text.slice(0, until).split(/\r\n|\n|\r/).length;
}
