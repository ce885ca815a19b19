/** One word that a compound is looked up by, in lower case. */
export interface CompoundWord {
  readonly word: string;
  /** Whether it is a piece rather than a whole. */
  readonly isPiece: boolean;
}

/** A whole longer than this is found by its pieces alone. */
const MAX_WHOLE_CHARS = 200;
/** Longer runs of letters and digits are opaque (base64, hashes): splitting them by case would shatter them. */
const MAX_SPLIT_CHARS = 40;
/** Fewer letters or digits say nothing without the rest of the compound. */
const MIN_PIECE_LETTERS = 2;
const MIN_PIECE_DIGITS = 3;

const SEGMENTS = /[/\\:@&]+/;
const JOINTS = /[-_.]+/;
const ONLY_DIGITS = /^[0-9]+$/;
const NAME_WITH_NUMBER = /^([a-z]{3,})[0-9]+$/;
const VERSION = /^v(?=[0-9])/;

/**
 * The words of a compound: its pieces in order, each path segment of several pieces run together, then the whole
 * run together (`lib/tokenSplit.ts` → lib, token, split, ts, tokensplitts, libtokensplitts). Between digits the
 * joint stays as `_`, and the `v` of a version goes: `v1.2.3` → 1_2_3.
 */
export function splitCompound(compound: string): CompoundWord[] {
  const words: CompoundWord[] = [];
  const segments = compound.split(SEGMENTS).map(piecesOf);
  for (const pieces of segments) {
    for (const piece of pieces) addPiece(words, piece, segments.length === 1 && pieces.length === 1);
    if (segments.length > 1 && pieces.length > 1) addWhole(words, pieces);
  }
  const all = segments.flat();
  if (all.length > 1) addWhole(words, all);
  return words;
}

function piecesOf(segment: string): string[] {
  return segment
    .split(JOINTS)
    .flatMap((run) => (run.length > MAX_SPLIT_CHARS ? [run] : splitByCase(run)))
    .filter((piece) => piece !== "")
    .map((piece) => piece.toLowerCase());
}

/** `parseHTMLPage` → parse, HTML, Page; `base64Encode` → base64, Encode; the plural of `URLs` stays with it. */
function splitByCase(run: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 1; at < run.length; at++) {
    if (!isUpper(run, at) || !startsPart(run, at)) continue;
    parts.push(run.slice(start, at));
    start = at;
  }
  parts.push(run.slice(start));
  return parts;
}

function startsPart(run: string, at: number): boolean {
  if (isLower(run, at - 1)) return true;
  if (!isLower(run, at + 1)) return false;
  if (isDigitCode(run.charCodeAt(at - 1))) return true;
  const isPlural = run.charAt(at + 1) === "s" && !isLower(run, at + 2);
  return isUpper(run, at - 1) && !isPlural;
}

function isLower(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x61 && code <= 0x7a;
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}

function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function addPiece(words: CompoundWord[], piece: string, isAlone: boolean): void {
  const name = NAME_WITH_NUMBER.exec(piece)?.[1];
  if (name !== undefined) words.push({ word: name, isPiece: true });
  if (isAlone) {
    words.push({ word: piece, isPiece: false });
    return;
  }
  const needed = ONLY_DIGITS.test(piece.replace(VERSION, "")) ? MIN_PIECE_DIGITS : MIN_PIECE_LETTERS;
  if (piece.length >= needed) words.push({ word: piece, isPiece: true });
}

function addWhole(words: CompoundWord[], pieces: readonly string[]): void {
  let whole = "";
  for (const piece of pieces) {
    if (whole.length + piece.length > MAX_WHOLE_CHARS) return;
    whole +=
      isDigitCode(whole.charCodeAt(whole.length - 1)) && isDigitCode(piece.charCodeAt(0))
        ? `_${piece}`
        : piece;
  }
  words.push({ word: whole.replace(VERSION, ""), isPiece: false });
}
