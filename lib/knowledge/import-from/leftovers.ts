import { isSilent } from "./drafts.ts";
import { lineOf, type Members, textOf } from "./foreign-value.ts";

/** What of a record has no place in our words. */
export interface Leftovers {
  /** Short values by `original_` and their name: for the frontmatter. */
  readonly labels: Readonly<Record<string, string>>;
  /** Long and many-part values as sections of markdown; empty without any. */
  readonly sections: string;
}

const SHORT = 200;

/** Members that were not read and say something. Null, empty, zero and false say nothing. */
export function leftoversOf(members: Members, read: readonly string[]): Leftovers {
  const left = unread(members, read);
  const short = left.filter(([, value]) => isShort(value));
  const long = left.filter(([, value]) => !isShort(value));
  return {
    labels: Object.fromEntries(short.map(([key, value]) => [labelOf(key), textOf(value)])),
    sections: long.map(([key, value]) => sectionOf(`Original ${lineOf(key, 80)}`, value)).join(""),
  };
}

/** The same for an event, whose data can hold values of any length. */
export function labelsOf(members: Members, read: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(unread(members, read).map(([key, value]) => [labelOf(key), textOf(value)]));
}

/** A section of markdown, or nothing for a text that says nothing. */
export function sectionOf(heading: string, value: unknown): string {
  const text = textOf(value).trim();
  if (text === "") return "";
  const body = typeof value === "object" && value !== null ? `\`\`\`json\n${text}\n\`\`\`` : text;
  return `## ${heading}\n\n${body}\n\n`;
}

function unread(members: Members, read: readonly string[]): readonly (readonly [string, unknown])[] {
  return Object.entries(members).filter(([key, value]) => !read.includes(key) && !isSilent(value));
}

function isShort(value: unknown): boolean {
  const text = textOf(value);
  return typeof value !== "object" && text.length <= SHORT && !/[\r\n]/.test(text);
}

/** Letters, digits and `_` only, as keys of frontmatter are spelt. */
function labelOf(key: string): string {
  return `original_${key.replace(/[^\p{L}\p{N}_]+/gu, "_").slice(0, 80)}`;
}
