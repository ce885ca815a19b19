import { scanBlocks } from "../../markdown/block-lines.ts";

/** `- [category] text #tag (context)` in a note. */
export interface Observation {
  readonly category: string;
  /** Without context and the tags at its end. */
  readonly text: string;
  readonly tags: readonly string[];
  readonly context?: string | undefined;
}

/** `- relation_type [[Other note]]` in a note. */
export interface Relation {
  readonly rel: string;
  readonly target: string;
}

/** The observations and relations that list items of a note state, wherever they stand outside code. */
export function readMarks(body: string): {
  readonly observations: readonly Observation[];
  readonly relations: readonly Relation[];
} {
  const items = scanBlocks(body)
    .lines.filter(({ kind }) => kind === "item")
    .map(({ content, end }) => body.slice(content, end).trim());
  return {
    observations: items.flatMap((item) => observationIn(item) ?? []),
    relations: items.flatMap((item) => relationIn(item) ?? []),
  };
}

/** A box to tick and a link in brackets are no categories. */
const OBSERVATION = /^\[(?!\[)([^[\]()]{2,80})\](?!\()\s+(\S.*)$/;

function observationIn(item: string): Observation | undefined {
  const [, category = "", said = ""] = OBSERVATION.exec(item) ?? [];
  if (said === "") return undefined;
  const context = /\s\(([^()]+)\)$/.exec(said)?.[1];
  const whole = context === undefined ? said : said.slice(0, -context.length - 2).trimEnd();
  const tags = [...whole.matchAll(/(?<!\S)#([\p{L}\p{N}][\p{L}\p{N}/_-]*)/gu)].map(([, tag = ""]) => tag);
  // Tags at the end are no words of the sentence; others are.
  const text = whole.replace(/(?:\s+#[\p{L}\p{N}][\p{L}\p{N}/_-]*)+$/u, "").trim();
  return { category: category.trim(), text, tags, context };
}

const RELATION = /^([^[\]]{0,120}?)\s*\[\[([^[\]|]{1,500})(?:\|[^[\]]*)?\]\]/;

function relationIn(item: string): Relation | undefined {
  const [, rel = "", target = ""] = RELATION.exec(item) ?? [];
  if (target.trim() === "") return undefined;
  const name = rel.replace(/^["']|["':]+$/g, "").trim();
  return { rel: name === "" ? "relates_to" : name.replace(/\s+/g, "_"), target: target.trim() };
}
