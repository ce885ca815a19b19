import type { Refusal } from "./refusal.ts";

/** Levels of lists and objects; the deepest argument that a tool takes has half of them. */
const MOST_LEVELS = 200;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** The text as JSON that is not nested beyond reason: what comes after may go through it level by level. */
export function readJson(text: string): { readonly value: unknown } | Refusal {
  if (isTooDeep(text)) return malformed(`The JSON is nested more than ${MOST_LEVELS} levels deep.`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return malformed("The body is not JSON.");
  }
}

/** Counts brackets outside of strings, so that nothing is built before it is known to be harmless. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (sign === OPEN_LIST || sign === OPEN_OBJECT) depth += 1;
    else if (sign === CLOSE_LIST || sign === CLOSE_OBJECT) depth -= 1;
    if (depth > MOST_LEVELS) return true;
  }
  return false;
}

/** Where the string that begins at `start` ends; the text's end when it does not. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

function malformed(message: string): Refusal {
  return { status: 400, code: "invalid_input", message, hint: "Send one JSON-RPC message as UTF-8 JSON." };
}
