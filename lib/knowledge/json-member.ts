/**
 * Adds a member to an object inside a JSON text without touching anything else of it: not its order,
 * its indentation nor its number formats.
 */

/**
 * The text with `value` as member `path[last]` of the object at the path before it; objects that are missing
 * on the way are made. `undefined` when the text is not an object, when something on the way is not an
 * object, or when the member is there already.
 */
export function withMember(text: string, path: readonly string[], value: unknown): string | undefined {
  const start = skipSpace(text, 0);
  if (text[start] !== "{") return undefined;
  let at = start;
  for (const [depth, key] of path.entries()) {
    const member = findMember(text, at, key);
    if (member === undefined)
      return insert(text, at, { depth, key, value: nest(path.slice(depth + 1), value) });
    at = member;
    if (text[at] !== "{") return undefined;
  }
  return undefined;
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value);
}

/** Puts a member at the end of the object that begins at `open`. */
function insert(
  text: string,
  open: number,
  member: { readonly depth: number; readonly key: string; readonly value: unknown },
): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  const outer = unit.repeat(member.depth);
  const body = JSON.stringify(member.value, null, unit).replaceAll("\n", newline + outer + unit);
  const line = `${newline}${outer}${unit}${JSON.stringify(member.key)}: ${body}`;
  const close = endOfValue(text, open) - 1;
  const lastEnd = text.slice(0, close).trimEnd().length;
  const isEmpty = lastEnd === open + 1;
  return `${text.slice(0, lastEnd)}${isEmpty ? "" : ","}${line}${newline}${outer}${text.slice(close)}`;
}

/** Where the value of a member begins, in the object that begins at `open`. The last of equal keys counts, as in JSON.parse. */
function findMember(text: string, open: number, wanted: string): number | undefined {
  let found: number | undefined;
  let at = skipSpace(text, open + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (key === wanted) found = value;
    at = skipSpace(text, endOfValue(text, value));
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

/** The offset after the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== "{" && first !== "[") {
    const scalar = /[^\s,\]}]*/y;
    scalar.lastIndex = start;
    return start + (scalar.exec(text)?.[0].length ?? 0);
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  return at;
}
