/** A date as people wrote it, read. */
export type DateReading =
  /** `YYYY-MM-DD`, or ISO 8601 UTC with milliseconds where a time of day was given. */
  | { readonly kind: "date"; readonly iso: string }
  /** "TBD", "-", "14:00": nobody meant a date. */
  | { readonly kind: "none" }
  | { readonly kind: "malformed"; readonly reason: string };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?";
const NOT_BEFORE_DIGIT = "(?!\\d)";

type Parts = readonly [year: number, month: number, day: number];

/** One spelling: its pattern at the start of the text, and year, month, day from its groups. */
interface Spelling {
  readonly pattern: RegExp;
  readonly parts: (groups: readonly string[]) => Parts | undefined;
}

const SPELLINGS: readonly Spelling[] = [
  {
    pattern: new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${NOT_BEFORE_DIGIT}`),
    parts: ([y, m, d]) => numbers(y, m, d),
  },
  {
    pattern: new RegExp(`^(\\d{4})(\\d{2})(\\d{2})${NOT_BEFORE_DIGIT}`),
    parts: ([y, m, d]) => numbers(y, m, d),
  },
  {
    pattern: /^(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]/,
    parts: ([y, m, d]) => numbers(y, m, d),
  },
  {
    pattern: new RegExp(`^${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})${NOT_BEFORE_DIGIT}`, "i"),
    parts: ([m, d, y]) => numbers(y, monthNumber(m), d),
  },
  {
    pattern: new RegExp(
      `^(\\d{1,2})(?:st|nd|rd|th)?[\\s.-]+(?:of\\s+)?${MONTH},?[\\s-]+(\\d{4})${NOT_BEFORE_DIGIT}`,
      "i",
    ),
    parts: ([d, m, y]) => numbers(y, monthNumber(m), d),
  },
  {
    pattern: new RegExp(`^(\\d{1,2})\\.\\s?(\\d{1,2})\\.\\s?(\\d{4})${NOT_BEFORE_DIGIT}`),
    parts: ([d, m, y]) => numbers(y, m, d),
  },
  {
    pattern: new RegExp(`^(\\d{1,2})[/-](\\d{1,2})[/-](\\d{4})${NOT_BEFORE_DIGIT}`),
    parts: ([a, b, y]) => eitherOrder(a, b, y),
  },
];

const TIME =
  /^(?:,?\s+(?:at\s+)?|[Tt])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?(?![a-z]))?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?/i;

/**
 * Reads a date at the start of `raw`, with a time of day behind it where there is one; what follows is a
 * remark. A time without zone is taken as UTC. `03/04/2026` is malformed: it is two different days.
 */
export function readDate(raw: string): DateReading {
  const text = raw
    .slice(0, 300)
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+/i, "");
  if (text === "" || isNoDate(text)) return { kind: "none" };
  for (const { pattern, parts } of SPELLINGS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const day = parts(match.slice(1));
    if (day === undefined)
      return { kind: "malformed", reason: `"${match[0]}" could be two different days; write YYYY-MM-DD` };
    if (!isRealDay(day)) return { kind: "malformed", reason: `"${match[0]}" is no day of the calendar` };
    return { kind: "date", iso: isoOf(day, text.slice(match[0].length)) };
  }
  return {
    kind: "malformed",
    reason: `"${raw.trim().slice(0, 60)}" is no date that can be read; write YYYY-MM-DD`,
  };
}

/** The last date that a path's names begin with or hold, the file's own name first: `2026-02-14` or `undefined`. */
export function dateInPath(path: string): string | undefined {
  for (const name of path.split("/").reverse()) {
    const match = /(?<![\d.])(\d{4})-?([01]\d)-?([0-3]\d)(?!\d)/.exec(name);
    if (match === null) continue;
    const day = numbers(match[1], match[2], match[3]);
    if (day !== undefined && day[0] >= 1970 && day[0] < 2100 && isRealDay(day)) return isoDay(day);
  }
  return undefined;
}

function isNoDate(text: string): boolean {
  return (
    /^(?:tbd|tba|todo|unknown|none|null|nil|n\/a|na|pending|current|now|today|never|ongoing|not|yes|no|true|false|yyyy|in progress)(?![\p{L}\p{N}])/iu.test(
      text,
    ) || /^\d{1,2}:\d{2}/.test(text)
  );
}

function numbers(
  year: string | number | undefined,
  month: string | number | undefined,
  day: string | undefined,
): Parts {
  return [Number(year), Number(month), Number(day)];
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf((name ?? "").toLowerCase()) + 1;
}

function eitherOrder(
  first: string | undefined,
  second: string | undefined,
  year: string | undefined,
): Parts | undefined {
  const [a, b] = [Number(first), Number(second)];
  if (a === b || b > 12) return [Number(year), a, b];
  return a > 12 ? [Number(year), b, a] : undefined;
}

function isRealDay([year, month, day]: Parts): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return (
    year >= 1000 &&
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day
  );
}

function isoDay([year, month, day]: Parts): string {
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join(
    "-",
  );
}

function isoOf(day: Parts, rest: string): string {
  const time = TIME.exec(rest);
  const iso = isoDay(day);
  if (time === null) return iso;
  const half = time[5]?.[0]?.toLowerCase();
  const hour = half === undefined ? Number(time[1]) : (Number(time[1]) % 12) + (half === "p" ? 12 : 0);
  const [minute, second] = [Number(time[2]), Number(time[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return iso;
  const fraction = Number(`0.${time[4] ?? 0}`) * 1000;
  const at = Date.UTC(day[0], day[1] - 1, day[2], hour, minute, second, Math.trunc(fraction));
  return new Date(at - offsetMs(time[6])).toISOString();
}

/** How far a zone is ahead of UTC, in ms. */
function offsetMs(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "");
  if (match === null) return 0;
  const ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === "-" ? -ms : ms;
}
