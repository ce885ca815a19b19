import { looksSecret } from "./looks-secret.ts";
import { openMarks, sealedMark } from "./redaction-mark.ts";
import { SECRET_PATTERNS } from "./secret-patterns.ts";

/** A text with its secrets replaced, and the names of the patterns that were found. */
export interface Redaction {
  readonly text: string;
  /** Pattern names, each once, sorted. */
  readonly found: readonly string[];
}

/**
 * Replaces secrets (keys, tokens, private keys, passwords in connection strings and assignments) by
 * `[redacted:<pattern>]`. Text without secrets comes back as it went in.
 */
export function redactText(text: string): Redaction {
  const { text: sealed, found } = sealSecrets(text);
  return { text: openMarks(sealed), found };
}

/**
 * {@link redactText} for a text that is to be parsed: its marks are sealed, so that they are words to every
 * parser. Whatever is made of it becomes readable by {@link redactText} or {@link redactJson}.
 */
export function sealSecrets(text: string): Redaction {
  const found = new Set<string>();
  let out = text;
  for (const { name, expression, group, hint } of SECRET_PATTERNS) {
    if (!hint.test(out)) continue;
    out = out.replace(expression, (match: string, ...rest: unknown[]) => {
      const secret = group === 0 ? match : rest[group - 1];
      if (typeof secret !== "string" || !looksSecret(name, secret, match)) return match;
      found.add(name);
      const at = match.lastIndexOf(secret);
      return match.slice(0, at) + sealedMark(name) + match.slice(at + secret.length);
    });
  }
  return { text: out, found: [...found].sort() };
}

/**
 * {@link redactText} for every string inside a JSON value, keys included. Where two keys of an object become
 * one, the later is numbered (`… (2)`): no value is lost.
 */
export function redactJson<T>(value: T): { readonly value: T; readonly found: readonly string[] } {
  const found = new Set<string>();
  const walk = (member: unknown, key: string): unknown => {
    if (typeof member === "string") return redactMember(member, key, found);
    if (Array.isArray(member)) return member.map((item) => walk(item, key));
    if (member === null || typeof member !== "object") return member;
    return Object.fromEntries(
      redactKeys(member, found).map(([name, old, inner]) => [name, walk(inner, old)]),
    );
  };
  // SAFETY: only characters inside strings change.
  return { value: walk(value, "") as T, found: [...found].sort() };
}

/** New key, old key and value of each member; keys that stay come out as they are, whatever others become. */
function redactKeys(member: object, found: Set<string>): readonly (readonly [string, string, unknown])[] {
  const entries = Object.entries(member).map(([key, value]) => ({ key, value, ...redactText(key) }));
  const taken = new Set(entries.filter(({ key, text }) => key === text).map(({ key }) => key));
  return entries.map(({ key, value, text, found: names }) => {
    for (const name of names) found.add(name);
    if (key === text) return [key, key, value];
    let free = text;
    for (let copy = 2; taken.has(free); copy++) free = `${text} (${copy})`;
    taken.add(free);
    return [free, key, value];
  });
}

/** Keys whose values are secrets by name alone. */
const TELLING = /pass|pwd|secret|token|key|credential|authorization/i;

/** A string under a telling key (`{"password": "…"}`) is read as the assignment that it is. */
function redactMember(text: string, key: string, found: Set<string>): string {
  const own = redactText(text);
  for (const name of own.found) found.add(name);
  if (own.found.length > 0 || !TELLING.test(key)) return own.text;
  const prefix = `${key}=`;
  const assigned = redactText(prefix + text);
  // A key that is a secret itself has its own mark; the value is then not told by it.
  if (!assigned.text.startsWith(prefix)) return own.text;
  for (const name of assigned.found) found.add(name);
  return assigned.text.slice(prefix.length);
}
