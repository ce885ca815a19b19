import { jsonTokens } from "./fit.ts";

/** How much is kept of a value: characters of a text, items of a list or members of an inner object, levels. */
interface Measure {
  readonly text: number;
  readonly items: number;
  readonly depth: number;
}

/** From gentle to hard; the first that fits is taken. */
const MEASURES: readonly Measure[] = [
  { text: 2_000, items: 60, depth: 12 },
  { text: 600, items: 30, depth: 8 },
  { text: 200, items: 12, depth: 5 },
  { text: 80, items: 6, depth: 3 },
  { text: 40, items: 2, depth: 2 },
  { text: 14, items: 0, depth: 1 },
];

/** Members without which nothing can be done with the rest. */
const NEVER_CUT: ReadonlySet<string> = new Set(["id", "ref", "cursor", "nextCursor"]);

/**
 * The value as it is when it fits, else with long texts, long lists and deep parts cut (`…` marks a cut text) and
 * `shortened: true`. When nothing else fits, only id and ref are left.
 */
export function shortenToFit(value: object, maxTokens: number): object {
  if (jsonTokens(value) <= maxTokens) return value;
  for (const measure of MEASURES) {
    const cut = { ...cutMembers(value, measure), shortened: true };
    if (jsonTokens(cut) <= maxTokens) return cut;
  }
  const kept = Object.entries(value).filter(([key]) => NEVER_CUT.has(key));
  return { ...Object.fromEntries(kept), shortened: true };
}

/** A text of at most so many UTF-16 units, never ending in half a sign. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}

function cutMembers(value: object, measure: Measure): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      NEVER_CUT.has(key) ? member : cutValue(member, measure, 1),
    ]),
  );
}

function cutValue(value: unknown, measure: Measure, level: number): unknown {
  if (typeof value === "string") return cutText(value, measure.text);
  if (typeof value !== "object" || value === null) return value;
  const items = level > measure.depth ? 0 : measure.items;
  if (Array.isArray(value)) return value.slice(0, items).map((item) => cutValue(item, measure, level + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, items)
      .map(([key, member]) => [cutText(key, measure.text), cutValue(member, measure, level + 1)]),
  );
}
