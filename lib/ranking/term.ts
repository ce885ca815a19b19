import { porter2 } from "./porter2.ts";

/** Escaped terms longer than this are stored as a hash of the same strength everywhere. */
const MAX_TERM_CHARS = 64;
const MAX_CACHED_STEMS = 40_000;
const ENGLISH = /^[a-z]+$/;
const PLAIN = /^[a-z0-9]+(_[0-9]+)*$/;

const stems = new Map<string, string>();

/**
 * The term of a lower-case word, in `[a-z0-9_]`: English words by their stem, other scripts as `_` and four
 * base-36 digits a code point, so that they never meet a plain word; whatever is too long as `__` and a hash.
 */
export function termOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const term = buildTerm(word);
  if (word.length <= 32) {
    if (stems.size >= MAX_CACHED_STEMS) stems.clear();
    // A slice of a long text would keep that whole text alive in the cache.
    stems.set(detached(word), term);
  }
  return term;
}

function buildTerm(word: string): string {
  if (word.length > MAX_TERM_CHARS) return hashed(word);
  if (ENGLISH.test(word)) return porter2(word);
  if (PLAIN.test(word)) return detached(word);
  const escaped = `_${Array.from(word, (letter) => codeOf(letter)).join("")}`;
  return escaped.length > MAX_TERM_CHARS ? hashed(word) : escaped;
}

function codeOf(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(36).padStart(4, "0");
}

/** Two independent 32-bit FNV-1a-like sums. */
function hashed(word: string): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return `__${(a >>> 0).toString(36).padStart(7, "0")}${(b >>> 0).toString(36).padStart(7, "0")}`;
}

/** A copy that holds no longer text alive: engines keep slices of 13 or more units as views of their source. */
function detached(word: string): string {
  return word.length < 13 ? word : Buffer.from(word, "utf8").toString("utf8");
}
