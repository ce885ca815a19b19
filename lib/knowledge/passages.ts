import type { StoredRow } from "../domain/document.ts";
import { EVENT_SUBJECT } from "../domain/event.ts";
import { sha256 } from "../domain/ids.ts";
import { cutDocument } from "../markdown/chunk.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { analyse } from "../ranking/tokens.ts";
import type { ChunkDraft, DraftRow } from "../storage/contract/writes.ts";
import type { SlicedWork } from "./in-slices.ts";

/**
 * The text that is embedded for a passage: its heading path, then its words. A title that the words begin
 * with (one that was made from them) is not said twice.
 */
export function embeddedText(passage: { readonly heading: string; readonly text: string }): string {
  const heading = headingBefore(passage);
  if (passage.text === "") return heading;
  return heading === "" ? passage.text : `${heading}\n${passage.text}`;
}

function headingBefore({ heading, text }: { readonly heading: string; readonly text: string }): string {
  const [title = "", ...path] = heading.split(" › ");
  const words = plainWords(title.replace(/…$/, ""));
  const isSaid = words !== "" && plainWords(text.slice(0, title.length * 2 + 80)).startsWith(words);
  return isSaid ? path.join(" › ") : heading;
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Passages that one document is found by: 4 million characters of prose, more than one text may have. */
const MOST_PASSAGES = 5_000;

export interface Passages {
  readonly passages: readonly ChunkDraft[];
  /** Passages beyond {@link MOST_PASSAGES}: their text is kept and read, but not searched. */
  readonly leftOut: number;
}

/** The searchable passages of a row; none for a tombstone. */
export function* passagesOf(draft: DraftRow | StoredRow): SlicedWork<Passages> {
  if (draft.row.deletedAt !== undefined) return { passages: [], leftOut: 0 };
  switch (draft.kind) {
    case "event": {
      const only = { ordinal: 0, heading: draft.row.summary, text: eventText(draft.row) };
      return { passages: [passage(only, draft)], leftOut: 0 };
    }
    case "plan":
    case "session":
    case "pattern":
      return yield* passagesOfDocument(draft);
    default:
      return draft satisfies never;
  }
}

function* passagesOfDocument(draft: Exclude<DraftRow | StoredRow, { kind: "event" }>): SlicedWork<Passages> {
  const { body } = readFrontmatter(draft.row.content);
  yield;
  const chunks = yield* cutDocument({ title: draft.row.title, body });
  const labels = labelsOf(draft);
  const passages: ChunkDraft[] = [];
  for (const chunk of chunks.slice(0, MOST_PASSAGES)) {
    passages.push(passage(chunk, draft, chunk.ordinal === 0 ? labels : ""));
    yield;
  }
  return { passages, leftOut: chunks.length - passages.length };
}

/** What makes a document findable although its body does not say it: topics, triggers, the file's own name. */
function labelsOf(draft: Exclude<DraftRow | StoredRow, { kind: "event" }>): string {
  const { row } = draft;
  const lists = "topics" in row ? row.topics : row.triggers;
  const name =
    row.path
      ?.split("/")
      .at(-1)
      ?.replace(/\.[a-z]+$/i, "") ?? "";
  return [...lists, name, "description" in row ? (row.description ?? "") : ""].join(" ").trim();
}

function passage(
  chunk: { readonly ordinal: number; readonly heading: string; readonly text: string },
  draft: DraftRow | StoredRow,
  labels = "",
): ChunkDraft {
  const { ordinal, heading, text } = chunk;
  const said = headingBefore(chunk);
  const terms = analyse([said, labels, text].filter((part) => part !== "").join("\n"));
  return {
    ordinal,
    heading,
    text,
    terms: terms.join(" "),
    length: terms.length,
    textHash: sha256(embeddedText(chunk)),
    date: dateOf(draft),
    eventType: draft.kind === "event" ? draft.row.type : undefined,
    hidden:
      draft.kind === "event" && (draft.row.supersededBy !== undefined || draft.row.retractedAt !== undefined),
  };
}

/** The date by which a row is filtered and ordered in search. */
function dateOf(draft: DraftRow | StoredRow): string {
  switch (draft.kind) {
    case "event":
      return draft.row.occurredAt;
    case "session":
      return `${draft.row.date}T00:00:00.000Z`;
    default:
      return draft.row.updatedAt;
  }
}

/** An event as text: what it states, then every other value of its data under its key, then its labels. */
function eventText(row: Extract<DraftRow, { kind: "event" }>["row"]): string {
  const subject = row.data[EVENT_SUBJECT[row.type]];
  const stated = typeof subject === "string" && subject !== row.summary ? [subject] : [];
  const others = Object.entries(row.data)
    .filter(([key, value]) => key !== EVENT_SUBJECT[row.type] && value !== null && value !== "")
    .map(([key, value]) => `${key}: ${plainText(value)}`);
  const labels = [...row.tags, ...row.files, ...(row.commit === undefined ? [] : [row.commit])];
  return [...stated, ...others, labels.join(" ")].filter((line) => line !== "").join("\n");
}

function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
