import { SECRET_PATTERNS } from "./secret-patterns.ts";

/** A text with its secrets replaced, and the names of the patterns that were found. */
export interface Redaction {
  readonly text: string;
  /** Pattern names, each once, sorted. */
  readonly found: readonly string[];
}

/** What stands where a secret stood. */
const mark = (name: string): string => `[redacted:${name}]`;

/**
 * Replaces secrets (keys, tokens, private keys, passwords in connection strings and assignments) by
 * `[redacted:<pattern>]`. Text without secrets comes back as it went in.
 */
export function redactText(text: string): Redaction {
  const found = new Set<string>();
  let out = text;
  for (const { name, expression, group, hint } of SECRET_PATTERNS) {
    if (!hint.test(out)) continue;
    out = out.replace(expression, (match: string, ...rest: unknown[]) => {
      const secret = group === 0 ? match : rest[group - 1];
      if (typeof secret !== "string" || !looksSecret(name, secret)) return match;
      found.add(name);
      const at = match.lastIndexOf(secret);
      return match.slice(0, at) + mark(name) + match.slice(at + secret.length);
    });
  }
  return { text: out, found: [...found].sort() };
}

/** {@link redactText} for every string inside a JSON value; keys are kept. */
export function redactJson<T>(value: T): { readonly value: T; readonly found: readonly string[] } {
  const found = new Set<string>();
  const walk = (member: unknown, key: string): unknown => {
    if (typeof member === "string") return redactMember(member, key, found);
    if (Array.isArray(member)) return member.map((item) => walk(item, key));
    if (member === null || typeof member !== "object") return member;
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [name, walk(inner, name)]));
  };
  // SAFETY: only characters inside strings change.
  return { value: walk(value, "") as T, found: [...found].sort() };
}

/** A string under a telling key (`{"password": "…"}`) is read as the assignment that it is. */
function redactMember(text: string, key: string, found: Set<string>): string {
  const prefix = `${key}=`;
  const own = redactText(text);
  const assigned = key === "" || own.found.length > 0 || /\s/.test(text) ? own : redactText(prefix + text);
  for (const name of assigned.found) found.add(name);
  return assigned === own ? own.text : assigned.text.slice(prefix.length);
}

/** Placeholders, variables, types and plain words are not secrets; neither is what is redacted already. */
function looksSecret(name: string, secret: string): boolean {
  if (secret.startsWith("[redacted")) return false;
  if (name === "connection-string")
    return !/^(?:\$|%|<|\*+$|x{3,}$|password$|pass$|pw$|user$|secret$|\.{3})/i.test(secret);
  if (name !== "assigned-secret") return true;
  if (
    /^(?:\$|%|<|\{|process\.|env\.|os\.|import\.|\*{3,}|x{4,}|\.{3}|your[_-]|my[_-]|example|placeholder|changeme|undefined|function|string|number|boolean|optional|required|https?:)/i.test(
      secret,
    )
  ) {
    return false;
  }
  if (/^[A-Za-z_$][\w$]*\.[A-Za-z_$][\w$.]*$/.test(secret)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(secret)).length;
  return /\d/.test(secret)
    ? kinds >= 2
    : kinds >= 3 && secret.length >= 12 && !/^[A-Za-z]+(?:[-_./][A-Za-z]+)+$/.test(secret);
}
