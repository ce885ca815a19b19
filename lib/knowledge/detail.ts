import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import type { Kind } from "../domain/ids.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Plan } from "../domain/plan.ts";
import type { Session } from "../domain/session.ts";
import { parseChoice } from "../domain/vocabulary.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { findSection } from "../markdown/sections.ts";
import { cutToTokens, estimateTokens } from "../ranking/budget.ts";
import { type NumberArgument, parseOptionalName, parseWhole } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { headings } from "./document-text.ts";
import { freshen } from "./freshness.ts";
import { publicRow } from "./public-row.ts";
import { getRow } from "./resolve.ts";

const DETAILS = ["preview", "metadata", "section", "full"] as const;
/** What a preview shows of a text, in estimated tokens. */
const PREVIEW_TOKENS = 300;

export interface DetailRequest {
  readonly id: string;
  /** Default `full` without a section, `section` with one. */
  readonly detail?: string | undefined;
  readonly section?: string | undefined;
  readonly maxTokens?: NumberArgument;
  /** Where to go on in a text that was cut. */
  readonly cursor?: string | undefined;
}

export type Detail = (Plan | Session | Pattern | Event) & {
  readonly kind: Kind;
  /** The text, or the part of it that was asked for. */
  readonly content?: string;
  /** The document's headings, when not all of its text is shown. */
  readonly headings?: readonly string[];
  readonly section?: string;
  readonly tokens: number;
  readonly truncated: boolean;
  readonly nextCursor?: string;
};

/** One document or event. @throws KnowledgeError `not_found` (row or section), `invalid_input`. */
export async function showDocument(deps: Deps, scope: Scope, request: DetailRequest): Promise<Detail> {
  const wanted = parseWanted(request);
  await freshen(deps, scope);
  const found = await getRow(deps, scope, request.id);
  const row = { ...publicRow(found.row), kind: found.kind };
  const text = textFor(found, wanted);
  const overhead = estimateTokens(JSON.stringify(row)) + 40;
  if (text === undefined) return { ...row, ...outline(found), tokens: overhead, truncated: false };
  const { from } = wanted;
  if (from === undefined || from > text.content.length) throw foreignCursor();
  const room = Math.max(20, Math.min(text.limit, wanted.maxTokens - overhead));
  const content = cutToTokens(text.content.slice(from), room);
  const end = from + content.length;
  const truncated = end < text.content.length;
  return {
    ...row,
    content,
    ...(truncated && outline(found)),
    ...(text.section !== undefined && { section: text.section }),
    tokens: overhead + estimateTokens(content),
    truncated,
    ...(truncated && { nextCursor: `c${end}` }),
  };
}

interface WantedText {
  readonly content: string;
  readonly section?: string;
  readonly limit: number;
}

/** What is asked for, checked before anything is looked up. */
interface Wanted {
  readonly detail: (typeof DETAILS)[number];
  readonly section: string | undefined;
  readonly maxTokens: number;
  /** Where in the text to begin; undefined for a cursor that only continues an event's data. */
  readonly from: number | undefined;
}

function parseWanted(request: DetailRequest): Wanted {
  const section = parseOptionalName("section", request.section);
  const usual = section === undefined ? "full" : "section";
  return {
    detail: request.detail === undefined ? usual : parseChoice("detail", request.detail, DETAILS),
    section,
    maxTokens: parseWhole("maxTokens", request.maxTokens, {
      min: 50,
      max: 10_000_000,
      otherwise: 10_000_000,
      example: 2_000,
    }),
    from: parseCursor(request.cursor),
  };
}

function textFor(found: StoredRow, { detail, section: name }: Wanted): WantedText | undefined {
  if (found.kind === "event" || detail === "metadata") return undefined;
  const { content } = found.row;
  if (detail === "section") return sectionText(found.row.ref, content, name);
  const { body } = readFrontmatter(content);
  return detail === "preview"
    ? { content: body, limit: PREVIEW_TOKENS }
    : { content, limit: Number.POSITIVE_INFINITY };
}

function sectionText(ref: string, content: string, name: string | undefined): WantedText {
  const valid = headings(content);
  if (name === undefined) {
    throw new KnowledgeError("invalid_input", "The heading of the section is missing.", {
      field: "section",
      valid,
      hint: "Give one of the headings with section.",
    });
  }
  const section = findSection(content, name, readFrontmatter(content).bodyStart);
  if (section !== undefined)
    return {
      content: content.slice(section.start, section.end),
      section: section.heading,
      limit: Number.POSITIVE_INFINITY,
    };
  throw new KnowledgeError("not_found", `${ref} has no section "${name.slice(0, 80)}".`, {
    field: "section",
    valid,
    hint:
      valid.length === 0
        ? "It has no headings: leave section out for the whole."
        : "Use one of its headings.",
  });
}

function outline(found: StoredRow): { readonly headings?: readonly string[] } {
  return found.kind === "event" ? {} : { headings: headings(found.row.content) };
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return 0;
  // Made by the door that quotes events, which reads it itself.
  if (/^d\d{1,9}$/.test(cursor)) return undefined;
  const offset = /^c(\d{1,9})$/.exec(cursor)?.[1];
  if (offset === undefined) throw foreignCursor();
  return Number(offset);
}

function foreignCursor(): KnowledgeError {
  return new KnowledgeError("invalid_input", "The cursor does not belong to this document.", {
    field: "cursor",
    hint: "Use nextCursor of the previous answer for the same document, or leave cursor out.",
  });
}
