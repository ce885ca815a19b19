import { canonicalJson } from "../../domain/canonical-json.ts";
import { type Timestamp, timestampOf } from "../../domain/timestamp.ts";
import { readDate } from "../../markdown/dates.ts";

/** Members of another tool's record. */
export type Members = Readonly<Record<string, unknown>>;

/** Any value as text: trimmed of nothing, an object as JSON, bytes as the UTF-8 that they are. Nothing gives "". */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

/** The first of some members that says something, as text; columns and keys were renamed in the course of time. */
export function firstText(members: Members, ...names: readonly string[]): string {
  for (const name of names) {
    const text = textOf(members[name]);
    if (text.trim() !== "") return text;
  }
  return "";
}

/** A text that may stay away. */
export function optionalText(text: string): string | undefined {
  return text.trim() === "" ? undefined : text.trim();
}

/** A list as tools keep it: an array, its JSON, or words with commas between them. Blank items fall away. */
export function listOf(value: unknown): string[] {
  const items = Array.isArray(value) ? value : itemsIn(textOf(value));
  return [...new Set(items.map((item) => textOf(item).trim()).filter((item) => item !== ""))];
}

function itemsIn(text: string): readonly unknown[] {
  const parsed = parsedJson(text);
  if (Array.isArray(parsed)) return parsed;
  return typeof parsed === "string" ? [parsed] : text.split(/[,\n]/);
}

/** The value that a text is the JSON of; `undefined` where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object that is no list. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line of at most so many characters. */
export function lineOf(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= most
    ? line
    : `${line
        .slice(0, most - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** A moment, and what was written there instead when it could not be read. */
export interface MomentReading {
  readonly at: Timestamp;
  /** False when something else stands in. */
  readonly isGiven: boolean;
  /** For the report; absent when a time was read, or none was given. */
  readonly doubt?: string;
}

/** The first of some values that is a moment: ISO 8601, other spellings of dates, or seconds to microseconds since 1970. */
export function momentOf(values: readonly unknown[], otherwise: Timestamp): MomentReading {
  const given = values.map((value) => ({ value, at: readMoment(value) }));
  const read = given.find((reading) => reading.at !== undefined)?.at;
  const at = read ?? otherwise;
  const isGiven = read !== undefined;
  const first = given.find(({ value }) => textOf(value).trim() !== "");
  if (first === undefined || first.at !== undefined) return { at, isGiven };
  return {
    at,
    isGiven,
    doubt: `"${lineOf(textOf(first.value), 60)}" is no date that can be read; ${at} is taken`,
  };
}

/** A moment in any of these spellings, or `undefined`. */
export function readMoment(value: unknown): Timestamp | undefined {
  const text = textOf(value).trim();
  // Eight digits are a date without dashes.
  if (/^-?\d{9,19}(?:\.\d+)?$/.test(text)) return momentOfNumber(Number(text));
  const date = readDate(text);
  if (date.kind !== "date") return undefined;
  const ms = Date.parse(date.iso.length === 10 ? `${date.iso}T00:00:00.000Z` : date.iso);
  return inCalendar(ms);
}

/** Numbers of a size that only one unit makes likely. */
function momentOfNumber(number: number): Timestamp | undefined {
  if (number >= 1e17) return inCalendar(number / 1e6);
  if (number >= 1e14) return inCalendar(number / 1e3);
  return inCalendar(number >= 1e11 ? number : number * 1e3);
}

function inCalendar(ms: number): Timestamp | undefined {
  const isYear = ms >= Date.UTC(1000, 0, 1) && ms < Date.UTC(10_000, 0, 1);
  return isYear ? timestampOf(Math.trunc(ms)) : undefined;
}
