import type { BlockLine } from "./block-lines.ts";
import { type Section, visibleHeading } from "./sections.ts";

export interface Title {
  readonly title: string;
  readonly titleFrom: "frontmatter" | "heading" | "text" | "filename";
}

export interface TitleSources {
  readonly path: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly lines: readonly BlockLine[];
  readonly sections: readonly Section[];
}

/** Basenames that stand for their folder. */
const FOLDER_NAME = /^(?:readme|_?index)$/i;
/** Basenames and headings that name a part of every document of their kind, not this one. */
const GENERIC_NAME =
  /^(?:spec|specification|proposal|tasks?|todos?|design|plan|notes?|skill|requirements?|research|evidence|roadmap|goal|decisions?)$/i;
const GENERIC_HEADING =
  /^(?:\d+(?:\.\d+)*[.)]?\s+.*|why|what(?: changes)?|summary|overview|context.*|purpose|(?:added |modified |removed |renamed )?requirements?|description|introduction|background|motivation|tasks?|goals?|goals? .*|notes?|problem(?: statement)?|design|plan|status|table of contents|contents|toc|acceptance criteria)$/i;
/** First headings that say nothing of this document in particular. */
const GENERIC_TITLE =
  /^(?:summary|abstract|overview|introduction|intro|motivation|background|description|context|why|proposal|(?:detailed )?(?:spec|specification|design)|(?:implementation )?(?:tasks?|plan)|notes?|requirements?|goals?|status|todos?)$/i;
const LONGEST = 200;
const LONGEST_SENTENCE = 100;

/**
 * What a document is called: the frontmatter's title, else the first top heading, else `name`, the first
 * heading, the first bold line, the first sentence, the file's name. As people wrote it, without markdown.
 * A heading that every such document has ("Why", "Summary") gives way to the file's name.
 */
export function readTitle(sources: TitleSources): Title {
  const { data, sections, path } = sources;
  const given = textOf(data.title) || textOf(data.Title);
  if (given !== "") return { title: given, titleFrom: "frontmatter" };
  const top = sections.find((section) => section.level === 1 && section.heading !== "")?.heading;
  if (top !== undefined && !GENERIC_TITLE.test(top))
    return { title: top.slice(0, LONGEST), titleFrom: "heading" };
  const name = textOf(data.name);
  if (name !== "") return { title: name, titleFrom: "frontmatter" };
  const stem = stemOf(path);
  const isGenericFile = GENERIC_NAME.test(stem);
  const first = sections.find((section) => section.level > 0 && section.heading !== "")?.heading;
  if (first !== undefined && !isGenericFile && !GENERIC_HEADING.test(first)) {
    return { title: first.slice(0, LONGEST), titleFrom: "heading" };
  }
  const isNameBetter = isGenericFile || FOLDER_NAME.test(stem) || first !== undefined;
  const words = isNameBetter ? undefined : firstWords(sources);
  return words ?? { title: nameFromPath(path), titleFrom: "filename" };
}

function textOf(value: unknown): string {
  const isText = typeof value === "string" || typeof value === "number";
  return isText ? visibleHeading(String(value)).slice(0, LONGEST) : "";
}

/** The first line of words: a `#Title` without its blank, a bold line, or the first sentence. */
function firstWords({ body, lines }: TitleSources): Title | undefined {
  const line = lines.find(
    ({ kind, start, end }) =>
      ["text", "item", "quote"].includes(kind) && /[\p{L}\p{N}]/u.test(body.slice(start, end)),
  );
  if (line === undefined) return undefined;
  const raw = body.slice(line.content, Math.min(line.end, line.content + 2000)).trim();
  const heading =
    /^#{1,6}([\p{L}\p{N}].*)$/u.exec(raw)?.[1] ?? /^(?:\*\*|__)([^*_]+)(?:\*\*|__)$/.exec(raw)?.[1];
  if (heading !== undefined)
    return { title: visibleHeading(heading).slice(0, LONGEST), titleFrom: "heading" };
  const visible = visibleHeading(raw.replace(/^(?:[-*+>]|\d{1,9}[.)])\s+(?:\[.\]\s+)?/, ""));
  const sentence = /^.*?[.!?。！？](?=\s|$)/.exec(visible)?.[0] ?? visible;
  const cut =
    sentence.length > LONGEST_SENTENCE
      ? `${sentence.slice(0, LONGEST_SENTENCE).replace(/\s+\S*$/, "")}…`
      : sentence;
  return cut === "" ? undefined : { title: cut, titleFrom: "text" };
}

/** `changes/add-login/proposal.md` as "add login: proposal"; `PLAN_auth_rework.md` as "PLAN auth rework". */
function nameFromPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const stem = stemOf(path);
  const folder = parts.at(-2);
  if (folder === undefined) return spoken(stem);
  if (FOLDER_NAME.test(stem)) return spoken(folder);
  return GENERIC_NAME.test(stem) ? `${spoken(folder)}: ${spoken(stem)}` : spoken(stem);
}

function stemOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/(?<=.)\.[A-Za-z0-9]{1,8}$/, "");
}

function spoken(name: string): string {
  const words = name
    .replace(/^\.+/, "")
    .replace(/(?<!\d)[-_]+|[-_]+(?!\d)/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return words === "" ? name : words;
}
