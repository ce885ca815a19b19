/**
 * Text as both engines can hold it (RULES 17): U+0000 becomes U+2400 (SYMBOL FOR NULL) and a lone
 * surrogate becomes U+FFFD. Text that is well formed comes back as it went in.
 */
export function wellFormed(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\u0000") ? whole.replaceAll("\u0000", "\u2400") : whole;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g;

/** One line of what somebody else wrote, without anything that could steer a terminal. May be empty. */
export function plainLine(text: string): string {
  return text.toWellFormed().replace(STEERING, " ").replace(/\s+/g, " ").trim();
}

/** {@link wellFormed} for every string inside a JSON value, keys included. */
export function wellFormedJson<T>(value: T): T {
  // SAFETY: the shape is kept; only characters inside strings change.
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (Array.isArray(value)) return value.map(walk);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [wellFormed(key), walk(member)]));
}
