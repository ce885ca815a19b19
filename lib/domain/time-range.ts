import { KnowledgeError } from "./error.ts";
import { type Day, type Timestamp, timestampOf } from "./timestamp.ts";

/** A span of time that a caller named: start inclusive, end exclusive, both in ms since 1970. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimeContext {
  readonly nowMs: number;
  /** IANA name such as `Europe/Berlin`; decides where a day begins. */
  readonly timezone: string;
}

const DAY_MS = 86_400_000;
const UNIT_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 };
const VALID = [
  "today",
  "yesterday",
  "this week",
  "last week",
  "last month",
  "3 days ago",
  "2026-02-14",
  "2026-02-14T09:30:00Z",
];

/**
 * The span that a caller's words name: `today`, `yesterday`, `this week`, `last week` (the seven days before
 * today), `last month` (thirty days), `N days|weeks|months|years ago` (that day), a day, a month
 * (`2026-02`) or an ISO moment (a span of 1 ms).
 * @throws KnowledgeError `invalid_input` naming the field.
 */
export function parseTimeSpan(field: string, text: string, context: TimeContext): TimeSpan {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+(?=[a-z])/g, " ");
  const span = /^\d{4}-/.test(words) ? isoSpan(text.trim(), context) : wordSpan(words, context);
  if (span !== undefined) return span;
  throw new KnowledgeError(
    "invalid_input",
    `${field} is "${text.slice(0, 60)}", which is not a date that can be read.`,
    {
      field,
      valid: VALID,
      hint: `Use a date such as 2026-02-14, or words such as today, yesterday, last week, 3 days ago.`,
    },
  );
}

/** The lower bound that "after X" means: the start of X. */
export function parseAfter(field: string, text: string, context: TimeContext): Timestamp {
  return timestampOf(parseTimeSpan(field, text, context).startMs);
}

/** The upper bound (exclusive) that "before X" means: the end of X when X is a day or longer, else X itself. */
export function parseBefore(field: string, text: string, context: TimeContext): Timestamp {
  const span = parseTimeSpan(field, text, context);
  return timestampOf(span.endMs - span.startMs >= DAY_MS - 7_200_000 ? span.endMs : span.startMs);
}

/** A bound as a caller gave it: the field's name and its words. */
export interface GivenBound {
  readonly field: string;
  readonly text: string | undefined;
}

/**
 * Both bounds of a span, read by {@link parseAfter} and {@link parseBefore}.
 * @throws KnowledgeError `invalid_input` for words that are no date, and for bounds between which nothing lies.
 */
export function parseBounds(
  from: GivenBound,
  to: GivenBound,
  context: TimeContext,
): { readonly after: Timestamp | undefined; readonly before: Timestamp | undefined } {
  const after = from.text === undefined ? undefined : parseAfter(from.field, from.text, context);
  const before = to.text === undefined ? undefined : parseBefore(to.field, to.text, context);
  if (after !== undefined && before !== undefined && after >= before) throw emptySpan(from, to);
  return { after, before };
}

/** Says that nothing can lie between two bounds. */
export function emptySpan(from: GivenBound, to: GivenBound): KnowledgeError {
  const named = ({ field, text = "" }: GivenBound): string => `${field} is "${text.slice(0, 60)}"`;
  return new KnowledgeError("invalid_input", `${named(from)} and ${named(to)}: nothing lies between them.`, {
    field: from.field,
    hint: "Give the earlier date first, or leave one of them out.",
  });
}

/** The calendar day of a moment in a zone. */
export function dayOf(ms: number, timezone: string): Day {
  const { year, month, day } = partsOf(ms, timezone);
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join(
    "-",
  );
}

/** The IANA zone, checked. @throws KnowledgeError `invalid_input`. */
export function parseTimezone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new KnowledgeError(
      "invalid_input",
      `timezone is "${text.slice(0, 60)}", which is not a known time zone.`,
      {
        field: "timezone",
        hint: "Use an IANA name such as Europe/Berlin or UTC.",
        cause,
      },
    );
  }
}

function wordSpan(words: string, context: TimeContext): TimeSpan | undefined {
  const today = dayStart(context.nowMs, context.timezone, 0);
  const daysBack = (from: number, to: number): TimeSpan => ({
    startMs: dayStart(context.nowMs, context.timezone, from),
    endMs: dayStart(context.nowMs, context.timezone, to),
  });
  if (words === "now") return { startMs: context.nowMs, endMs: context.nowMs + 1 };
  if (words === "today") return daysBack(0, 1);
  if (words === "yesterday") return daysBack(-1, 0);
  if (words === "this week") return daysBack(-((new Date(today).getUTCDay() + 6) % 7), 1);
  const last = /^last (day|week|month|year)$/.exec(words);
  if (last?.[1] !== undefined) return daysBack(-(UNIT_DAYS[last[1]] ?? 1), 1);
  const ago = /^(\d{1,4}) (day|week|month|year)s? ago$/.exec(words);
  if (ago?.[1] === undefined || ago[2] === undefined) return undefined;
  const back = Number(ago[1]) * (UNIT_DAYS[ago[2]] ?? 1);
  return daysBack(-back, 1 - back);
}

function isoSpan(text: string, context: TimeContext): TimeSpan | undefined {
  const date = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text);
  if (date !== null) return calendarSpan(Number(date[1]), Number(date[2]), date[3], context.timezone);
  const moment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (moment === null || !isCalendarDay(text.slice(0, 10))) return undefined;
  const iso = text.replace(" ", "T");
  const ms = moment[3] === undefined ? zonedMs(iso, context.timezone) : Date.parse(iso);
  return Number.isNaN(ms) ? undefined : { startMs: ms, endMs: ms + 1 };
}

function calendarSpan(
  year: number,
  month: number,
  day: string | undefined,
  timezone: string,
): TimeSpan | undefined {
  const first = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${day ?? "01"}`;
  if (!isCalendarDay(first)) return undefined;
  const noon = Date.parse(`${first}T12:00:00Z`);
  const next = day === undefined ? Date.UTC(year, month, 1, 12) : noon + DAY_MS;
  return { startMs: midnight(noon, timezone), endMs: midnight(next, timezone) };
}

function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** Midnight, in the zone, of the day that lies `offset` days from the zone's today. */
function dayStart(nowMs: number, timezone: string, offset: number): number {
  const { year, month, day } = partsOf(nowMs, timezone);
  return midnight(Date.UTC(year, month - 1, day + offset, 12), timezone);
}

/** The UTC moment of 00:00 in the zone on the UTC calendar day of `noonUtc`. */
function midnight(noonUtc: number, timezone: string): number {
  return zonedMs(`${new Date(noonUtc).toISOString().slice(0, 10)}T00:00:00`, timezone);
}

/** The UTC moment of a wall-clock time in a zone; two rounds settle days on which the clock changes. */
function zonedMs(local: string, timezone: string): number {
  const wall = Date.parse(`${local}Z`);
  const first = wall - offsetMs(wall, timezone);
  return wall - offsetMs(first, timezone);
}

function offsetMs(ms: number, timezone: string): number {
  if (timezone === "UTC") return 0;
  const p = partsOf(ms, timezone);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - Math.floor(ms / 1000) * 1000;
}

/** Making a formatter costs more than using one; a process sees few zones. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timezone);
  if (known !== undefined) return known;
  const numeric = "numeric";
  const parts = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, hourCycle: "h23", ...parts });
  FORMATS.set(timezone, format);
  return format;
}

function partsOf(ms: number, timezone: string) {
  const part = new Map(
    formatOf(timezone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const value = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
  return {
    year: value("year"),
    month: value("month"),
    day: value("day"),
    hour: value("hour"),
    minute: value("minute"),
    second: value("second"),
  };
}
