import { readFrontmatter } from "../../markdown/frontmatter.ts";
import { readSections, type Section } from "../../markdown/sections.ts";
import { titled } from "./drafts.ts";

/** Titles that AIKnowSys 0.10 gave where it could read none. */
const NO_TITLE = /^(?:untitled(?: plan| session)?|learned|unknown|null|undefined|)$/i;

/** Whether a title says nothing of its document. */
export function isUntitled(title: string): boolean {
  return NO_TITLE.test(title.trim());
}

/**
 * The title of a document whose own was lost when it was read into the database: the heading that it begins with,
 * else a heading that shares more than two thirds of the words of its name, else its name.
 * @param own its name: an id or a file's name, such as `PLAN_auth_rework`
 */
export function recoveredTitle(content: string, own: string): string {
  const headings = headingsOf(content).filter(({ heading }) => heading !== "");
  const first = headings[0];
  const words = wordsOf(own);
  const shared = headings
    .filter(({ level }) => level <= 2)
    .find(({ heading }) => {
      const said = wordsOf(heading);
      return words.length > 0 && words.filter((word) => said.includes(word)).length * 3 > words.length * 2;
    });
  const heading = first?.level === 1 && !isUntitled(first.heading) ? first : shared;
  return titled(heading?.heading ?? "", spoken(own));
}

/** The title of a session, whose name is a date and says nothing: its first top heading, else its first heading. */
export function sessionTitle(content: string, otherwise: string): string {
  const headings = headingsOf(content).filter(({ heading }) => heading !== "");
  const heading = headings.find(({ level }) => level === 1) ?? headings[0];
  return titled(heading?.heading ?? "", otherwise);
}

function headingsOf(content: string): readonly Section[] {
  return readSections(content, readFrontmatter(content).bodyStart);
}

/** Words of three letters or more, in lower case, without the name's prefix. */
function wordsOf(text: string): readonly string[] {
  const words = text
    .toLowerCase()
    .replace(/^(?:plan|learned)_/, "")
    .match(/[\p{L}\p{N}]{3,}/gu);
  return [...new Set(words ?? [])];
}

/** `PLAN_context_query` as "Context query". */
function spoken(own: string): string {
  const words = own
    .replace(/^(?:plan|learned)_/i, "")
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
