/** Length of a snippet in UTF-16 units, ellipses included. */
const DEFAULT_CHARS = 240;
/** Of a longer text only this much is looked at. */
const MAX_TEXT = 200_000;
/** Words shorter than this match whole words only; longer ones also the beginning of a word (`plan` in `planned`). */
const MIN_PREFIX = 4;
/** So much of a word's end may differ: `migration` finds `migrated`. */
const KEPT_ENDING = 3;
const MAX_WORDS = 32;
const ELLIPSIS = "…";
const WORD_SIGN = /[\p{L}\p{M}\p{N}_]/u;

interface Match {
  readonly start: number;
  readonly end: number;
  /** Which of the words it is. */
  readonly word: number;
}

/**
 * The stretch of a text that holds the most different query words (then the most of them, then the earliest), on
 * one line, cut between words, at most `maxChars` long, with `…` where text was left out. Without any match the
 * text's beginning.
 */
export function makeSnippet(text: string, words: readonly string[], maxChars = DEFAULT_CHARS): string {
  const line = text.slice(0, MAX_TEXT).replace(/\s+/gu, " ").trim().toWellFormed();
  if (line.length <= maxChars) return line;
  const room = Math.max(1, maxChars - 2 * ELLIPSIS.length);
  const window = bestWindow(matchesIn(line, words), room);
  return cutOut(line, windowStart(line, window, room), room);
}

/** The first and last offset of the best group of matches that fits. */
function bestWindow(matches: readonly Match[], room: number): { start: number; end: number } {
  let best = { start: 0, end: 0 };
  let most = 0;
  let first = 0;
  const held = new Map<number, number>();
  for (const match of matches) {
    held.set(match.word, (held.get(match.word) ?? 0) + 1);
    let opening = matches[first] ?? match;
    while (match.end - opening.start > room && opening !== match) {
      const count = (held.get(opening.word) ?? 1) - 1;
      if (count === 0) held.delete(opening.word);
      else held.set(opening.word, count);
      first++;
      opening = matches[first] ?? match;
    }
    const worth = held.size * 1000 + [...held.values()].reduce((sum, count) => sum + count, 0);
    if (worth > most) {
      most = worth;
      best = { start: opening.start, end: match.end };
    }
  }
  return best;
}

/** Puts the group a third into the window, so that what leads to it can be read too. */
function windowStart(line: string, { start, end }: { start: number; end: number }, room: number): number {
  const spare = Math.max(0, room - (end - start));
  const wanted = Math.max(0, start - Math.floor(spare / 3));
  return Math.min(wanted, line.length - room);
}

function cutOut(line: string, from: number, room: number): string {
  const start = from <= 0 ? 0 : wordStartAfter(line, from);
  const end = start + room >= line.length ? line.length : wordEndBefore(line, start, start + room);
  const before = start > 0 ? ELLIPSIS : "";
  const after = end < line.length ? ELLIPSIS : "";
  return `${before}${line.slice(start, end).trim()}${after}`;
}

/** The first offset from `at` on where a word begins; `at` itself in a script without spaces. */
function wordStartAfter(line: string, at: number): number {
  const space = line.indexOf(" ", at - 1);
  if (space >= 0 && space - at < 24) return space + 1;
  return isInsidePair(line, at) ? at + 1 : at;
}

function wordEndBefore(line: string, start: number, at: number): number {
  const space = line.lastIndexOf(" ", at);
  if (space > start && at - space < 24) return space;
  return isInsidePair(line, at) ? at - 1 : at;
}

function isInsidePair(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

function matchesIn(line: string, words: readonly string[]): readonly Match[] {
  const lower = line.toLowerCase();
  // Where lower case has another length, offsets would not agree.
  const searched = lower.length === line.length ? lower : line;
  const wanted = [...new Set(words.map((word) => word.toLowerCase()))].slice(0, MAX_WORDS);
  return wanted.flatMap((word, i) => matchesOf(searched, word, i)).sort((a, b) => a.start - b.start);
}

function matchesOf(line: string, wanted: string, word: number): Match[] {
  const needle = wanted.length > MIN_PREFIX + 1 ? stemLike(wanted) : wanted;
  const found: Match[] = [];
  if (needle === "") return found;
  for (let at = line.indexOf(needle); at >= 0; at = line.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    const startsWord = !isWordSign(line, at - 1) || !isSpaced(needle);
    const endsWell = needle.length >= MIN_PREFIX || !isWordSign(line, end) || !isSpaced(needle);
    if (startsWord && endsWell) found.push({ start: at, end, word });
  }
  return found;
}

/** A word without the ending that grammar changes. */
function stemLike(word: string): string {
  return /^[a-z]+$/.test(word) ? word.slice(0, Math.max(MIN_PREFIX, word.length - KEPT_ENDING)) : word;
}

/** Whether a script puts spaces between words. */
function isSpaced(word: string): boolean {
  return (word.codePointAt(0) ?? 0) < 0x0e00;
}

function isWordSign(line: string, at: number): boolean {
  return at >= 0 && at < line.length && WORD_SIGN.test(line.charAt(at));
}
