import { ONE_TOKEN_WORDS } from "./common-words.ts";
import { isCommonPair, isCommonSign } from "./letters.ts";

/** A stretch of text and about how many o200k tokens it is, rather too many than too few. */
export interface Piece {
  /** Offset behind the last UTF-16 unit. */
  readonly end: number;
  readonly tokens: number;
}

/** Longer stretches of letters, digits or signs are taken in parts, so that a text can be cut within them. */
const MAX_PIECE = 64;
/** JSON's and Markdown's usual sign sequences, one token each (a test counts them). */
const ONE_TOKEN_SIGNS: ReadonlySet<string> = new Set([
  '":"',
  '","',
  '":',
  '",',
  '"}',
  '{"',
  '":{"',
  '":["',
  '"],"',
  '"},{"',
  '"}]',
  '"},',
  "],",
  "},",
  "->",
  "=>",
  "==",
  "===",
  "!=",
  "://",
  "::",
  "()",
  "();",
  "**",
  "##",
  "###",
  "--",
  "---",
  "```",
  "..",
  "...",
  "|:",
  "||",
  "&&",
  "),",
  ").",
  "//",
  "/*",
  "*/",
  '("',
  '")',
  "('",
  "')",
  "[]",
  "{}",
  '""',
  "~~~",
]);
const CONTRACTION = /^'(?:s|t|re|ve|m|ll|d)(?![a-z])/i;

/** The next piece of a text from `start`, which lies inside the text. */
export function pieceAt(text: string, start: number): Piece {
  const code = text.charCodeAt(start);
  if (isLower(code) || isUpper(code)) return word(text, start);
  if (isDigit(code)) return digits(text, start);
  if (isSpace(code)) return space(text, start);
  if (code < 0x80 && code > 0x20 && code !== 0x7f) return signs(text, start);
  return foreign(text, start);
}

/** One case pattern at a time, as the tokenizer's own splitting does: `parse`, `Title`, `HTML`. */
function word(text: string, start: number): Piece {
  let end = start;
  while (isUpper(text.charCodeAt(end)) && end - start < MAX_PIECE) end++;
  const capitals = end - start;
  if (capitals <= 1) while (isLower(text.charCodeAt(end)) && end - start < MAX_PIECE) end++;
  else if (isLower(text.charCodeAt(end))) end--;
  const lower = text.slice(start, end).toLowerCase();
  return { end, tokens: wordTokens(lower, capitals > 1) };
}

/** Common words are one token; others by their length and by how un-English their spelling is. */
function wordTokens(word: string, isCapitals: boolean): number {
  const letters = word.length;
  if (letters === 1) return 1;
  let rare = 0;
  for (let i = 1; i < letters; i++) if (!isCommonPair(word.charCodeAt(i - 1), word.charCodeAt(i))) rare++;
  if (isCapitals) return Math.min(letters, CAPS_BASE + CAPS_LETTER * (letters - 2) + CAPS_RARE * rare);
  if (ONE_TOKEN_WORDS.has(word)) return 1;
  return Math.min(letters, BASE + PER_LETTER * Math.max(0, letters - 4) + PER_RARE * rare);
}

const BASE = 1.08;
const PER_LETTER = 0.17;
const PER_RARE = 0.66;
const CAPS_BASE = 1.15;
const CAPS_LETTER = 0.3;
const CAPS_RARE = 0.5;

function digits(text: string, start: number): Piece {
  let end = start;
  while (isDigit(text.charCodeAt(end)) && end - start < 63) end++;
  return { end, tokens: Math.ceil((end - start) / 3) };
}

/** A single space belongs to the word behind it; runs are one token a kind and line. */
function space(text: string, start: number): Piece {
  const code = text.charCodeAt(start);
  let end = start;
  while (text.charCodeAt(end) === code && end - start < MAX_PIECE) end++;
  if (code !== 0x20) return { end, tokens: end - start <= 2 ? 1 : 1 + (end - start) / 8 };
  const next = text.charCodeAt(end);
  const isTaken = end < text.length && !isDigit(next) && !isSpace(next);
  return { end, tokens: (end - start > 1 ? 1 : 0) + (isTaken ? 0 : 1) };
}

function signs(text: string, start: number): Piece {
  const contraction = isApostrophe(text, start) ? CONTRACTION.exec(text.slice(start, start + 4)) : null;
  if (contraction !== null) return { end: start + contraction[0].length, tokens: 1 };
  let end = start + 1;
  let tokens = 1;
  while (end - start < MAX_PIECE && isSign(text.charCodeAt(end))) {
    tokens += text.charCodeAt(end) === text.charCodeAt(end - 1) ? SAME_SIGN : OTHER_SIGN;
    end++;
  }
  return { end, tokens: ONE_TOKEN_SIGNS.has(text.slice(start, end)) ? 1 : tokens };
}

const SAME_SIGN = 0.3;
const OTHER_SIGN = 0.8;

function isApostrophe(text: string, at: number): boolean {
  if (text[at] !== "'" || at === 0) return false;
  const before = text.charCodeAt(at - 1);
  return isLower(before) || isUpper(before);
}

/** One code point outside ASCII, or a control character. */
function foreign(text: string, start: number): Piece {
  const code = text.codePointAt(start) ?? 0;
  const end = start + (code > 0xffff ? 2 : 1);
  const repeats = start > 0 && code > 0x2000 && code < 0x2e00 && text.charCodeAt(start - 1) === code;
  return { end, tokens: repeats ? 0.6 : foreignTokens(code, text.slice(start, end)) };
}

/** Highest code point of a range and what its characters cost, by text of random ones of that script. */
const COSTS: readonly (readonly [to: number, tokens: number])[] = [
  [0x7f, 1.1],
  [0x9f, 2],
  [0xbf, 1.3],
  [0xff, 1.15],
  [0x24f, 1.6],
  [0x36f, 2.05],
  [0x3ad, 1.3],
  [0x3ff, 1.05],
  [0x40f, 1.6],
  [0x42f, 1.05],
  [0x44f, 0.85],
  [0x4ff, 1.6],
  [0x5ff, 1.1],
  [0x6ff, 1.25],
  [0x8ff, 2],
  [0x97f, 1.35],
  [0xdff, 1.75],
  [0xe7f, 1.3],
  [0x10ff, 1.6],
  [0x1fff, 3],
  [0x200f, 2],
  [0x2fff, 2.05],
  [0x30ff, 1.2],
  [0x4dff, 3],
  [0x9fff, 2.1],
  [0xabff, 3],
  [0xd7ff, 2.5],
  [0xf8ff, 3],
  [0xffff, 2.6],
  [0x1ffff, 2.6],
];

/** Typographic marks that prose is full of. */
const ONE_TOKEN_MARKS: ReadonlySet<string> = new Set("–—‘’“”•…→✓✅、。，·");

function foreignTokens(code: number, sign: string): number {
  if (code >= 0x3400 && code <= 0xd7ff && isCommonSign(sign)) return 1;
  if (ONE_TOKEN_MARKS.has(sign)) return 1;
  if (code >= 0x1d000 && code < 0x1e000) return 4;
  return COSTS.find(([to]) => code <= to)?.[1] ?? 4;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isSign(code: number): boolean {
  return code > 0x20 && code < 0x7f && !isLower(code) && !isUpper(code) && !isDigit(code);
}
