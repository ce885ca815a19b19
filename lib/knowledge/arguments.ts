import { KnowledgeError } from "../domain/error.ts";
import { parseChoice } from "../domain/vocabulary.ts";
import { wellFormed } from "../domain/well-formed.ts";

/** A list as callers give it: one text with commas, or several. */
export type ListArgument = string | readonly string[] | undefined;
/** A number as callers give it. */
export type NumberArgument = number | string | undefined;

/** The longest text that one argument may be, in UTF-16 units. */
export const MAX_TEXT = 4_000_000;
/** The longest name-like argument (title, topic, author). */
const MAX_NAME = 1_000;

/** The items of a list argument, trimmed, without empty ones; `undefined` when not given. */
export function parseList(list: ListArgument): readonly string[] | undefined {
  if (list === undefined) return undefined;
  const items = (typeof list === "string" ? [list] : list).flatMap((item) => item.split(","));
  return items.map((item) => wellFormed(item.trim())).filter((item) => item !== "");
}

/** Every item as a value of a closed vocabulary. @throws KnowledgeError `invalid_input`. */
export function parseChoices<T extends string>(
  field: string,
  list: ListArgument,
  valid: readonly T[],
): readonly T[] | undefined {
  const items = parseList(list);
  if (items === undefined || items.length === 0) return undefined;
  return items.map((item) => parseChoice(field, item, valid));
}

/** Above this a bound only keeps out nonsense: messages do not speak of it. */
const NO_REAL_BOUND = 100_000;

/** A whole number in a range; `example` is named where `otherwise` says nothing to people. @throws KnowledgeError `invalid_input`. */
export function parseWhole(
  field: string,
  given: NumberArgument,
  range: {
    readonly min: number;
    readonly max: number;
    readonly otherwise: number;
    readonly example?: number;
  },
): number {
  if (given === undefined) return range.otherwise;
  const value =
    typeof given === "number" ? given : /^[+-]?\d+$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  const isBounded = range.max < NO_REAL_BOUND || value > range.max;
  const bounds = isBounded ? `from ${range.min} to ${range.max}` : `of ${range.min} or more`;
  throw new KnowledgeError(
    "invalid_input",
    `${field} is ${JSON.stringify(given)}, which is not a whole number ${bounds}.`,
    { field, hint: `Give a number ${bounds}, for example ${range.example ?? range.otherwise}.` },
  );
}

/** The revision that a caller saw; `undefined` when not given. @throws KnowledgeError `invalid_input`. */
export function parseRevision(given: NumberArgument): number | undefined {
  return given === undefined
    ? undefined
    : parseWhole("revision", given, { min: 1, max: 2 ** 31, otherwise: 1 });
}

/** How many rows a page may have. */
export function parseLimit(given: NumberArgument, otherwise = 20): number {
  return parseWhole("limit", given, { min: 1, max: 1_000, otherwise });
}

/** One line of text, such as a title. @throws KnowledgeError `invalid_input` when empty or too long. */
export function parseName(field: string, text: string): string {
  const name = wellFormed(text).replace(/\s+/g, " ").trim();
  if (name !== "" && name.length <= MAX_NAME) return name;
  const problem = name === "" ? "is empty" : `has ${name.length} characters, more than ${MAX_NAME}`;
  throw new KnowledgeError("invalid_input", `${field} ${problem}.`, {
    field,
    hint: `Give ${field} as one line of 1 to ${MAX_NAME} characters.`,
  });
}

/** {@link parseName} for what may be left out. */
export function parseOptionalName(field: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : parseName(field, text);
}

/** Long text, such as content. @throws KnowledgeError `invalid_input` when it is too long. */
export function parseText(field: string, text: string): string {
  if (text.length <= MAX_TEXT) return wellFormed(text);
  const size = `${(text.length / 1e6).toFixed(1)} million characters`;
  throw new KnowledgeError(
    "invalid_input",
    `${field} has ${size}; at most ${MAX_TEXT / 1e6} million are taken.`,
    {
      field,
      hint: "Split it into several documents.",
    },
  );
}
