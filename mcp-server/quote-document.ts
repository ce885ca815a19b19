import { KnowledgeError } from "../lib/domain/error.ts";
import type { Detail } from "../lib/knowledge/detail.ts";
import { estimateTokens } from "../lib/ranking/budget.ts";
import { jsonTokens } from "./fit.ts";
import { ageOf } from "./quoted.ts";
import { shortenToFit } from "./shorten.ts";

/** Share of the budget that a document's fields may take beside its text. */
const FIELDS_SHARE = 0.5;
/** Share that the list of headings may take. */
const HEADINGS_SHARE = 0.2;
/** The least text of one answer, in tokens: reading on always gets ahead. */
const LEAST_TEXT = 20;
/** A cursor into an event's data, which is quoted as its JSON text when it does not fit. */
const DATA_CURSOR = /^d(\d{1,9})$/;

/**
 * A document with its text in `quoted`, or an event, within the budget. What does not fit is continued with
 * `nextCursor`; the parts joined are the whole text.
 * @param show reads the document with its text cut to so many tokens.
 */
export async function quoteDocument(
  show: (maxTokens: number) => Promise<Detail>,
  request: { readonly cursor: string | undefined; readonly maxTokens: number; readonly nowMs: number },
): Promise<object> {
  const { maxTokens, nowMs } = request;
  const first = await show(maxTokens);
  if ("data" in first) return quoteEvent(first, request);
  if (first.content === undefined) return shortenToFit(first, maxTokens);
  const { content: _, headings, nextCursor: __, ...fields } = first;
  const frame = {
    ...shortenToFit(fields, Math.floor(maxTokens * FIELDS_SHARE)),
    ...(headings !== undefined && { headings: headingsThatFit(headings, maxTokens * HEADINGS_SHARE) }),
    age: ageOf(first.updatedAt, nowMs),
  };
  // What the use case charges for the fields of the row, so that it can be told how much text is wanted.
  const fieldsCost = first.tokens - estimateTokens(first.content);
  let room = maxTokens - jsonTokens({ ...frame, quoted: "", nextCursor: "c000000000" });
  for (;;) {
    const { content = "", nextCursor, truncated } = await show(fieldsCost + Math.max(room, LEAST_TEXT));
    const answer = {
      ...frame,
      truncated,
      quoted: content,
      ...(nextCursor !== undefined && { nextCursor }),
    };
    const tokens = jsonTokens(answer);
    if (tokens <= maxTokens || room <= LEAST_TEXT) return { ...answer, tokens };
    room -= tokens - maxTokens + 4;
  }
}

/** An event whole, or with a part of its data as quoted JSON text. */
function quoteEvent(
  event: Extract<Detail, { readonly data: object }>,
  request: { readonly cursor: string | undefined; readonly maxTokens: number; readonly nowMs: number },
): object {
  const { cursor, maxTokens, nowMs } = request;
  const age = ageOf(event.recordedAt, nowMs);
  const whole = { ...event, age };
  if (cursor === undefined && jsonTokens(whole) <= maxTokens) return whole;
  const { data, ...fields } = event;
  const text = JSON.stringify(data);
  const from = offsetIn(text, cursor);
  const frame = { ...shortenToFit(fields, Math.floor(maxTokens * FIELDS_SHARE)), age, truncated: true };
  const room = maxTokens - jsonTokens({ ...frame, quoted: "", nextCursor: "d000000000" });
  const part = jsonPrefix(text.slice(from), room);
  const end = from + part.length;
  const isLast = end >= text.length;
  return { ...frame, truncated: !isLast, quoted: part, ...(!isLast && { nextCursor: `d${end}` }) };
}

function offsetIn(text: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = Number(DATA_CURSOR.exec(cursor)?.[1] ?? Number.NaN);
  if (offset < text.length) return offset;
  throw new KnowledgeError("invalid_input", "The cursor does not belong to this event.", {
    field: "cursor",
    hint: "Use nextCursor of the previous answer for the same event, or leave cursor out.",
  });
}

/** The longest beginning of a text, found by halving, that costs so many tokens or less as a JSON text. */
function jsonPrefix(text: string, maxTokens: number): string {
  // A token is seldom more than this many characters; measuring more of a long text would be in vain.
  const within = text.slice(0, Math.max(maxTokens, LEAST_TEXT) * 24);
  let fits = 1;
  let tooMuch = within.length + 1;
  while (tooMuch - fits > 1) {
    const middle = Math.floor((fits + tooMuch) / 2);
    if (jsonTokens(within.slice(0, middle)) <= maxTokens) fits = middle;
    else tooMuch = middle;
  }
  const isHalf = /[\ud800-\udbff]$/.test(within.slice(0, fits)) && fits > 1;
  return within.slice(0, isHalf ? fits - 1 : fits);
}

function headingsThatFit(headings: readonly string[], maxTokens: number): readonly string[] {
  const kept: string[] = [];
  let left = maxTokens;
  for (const heading of headings) {
    left -= jsonTokens(heading) + 1;
    if (left < 0) break;
    kept.push(heading);
  }
  return kept;
}
