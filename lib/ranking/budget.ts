import { type Piece, pieceAt } from "./token-pieces.ts";

/** What every text is charged beside its pieces: the error on a short text. */
const SLACK = 1;
/** How far back a cut looks for a white space to end at, in UTF-16 units. */
const MAX_BACK = 80;

/** The most tokens that one sign can be: a token is never less than a byte, and UTF-8 has at most four a sign. */
const MOST_OF_A_SIGN = 4;

/**
 * About how many o200k tokens a text is: rather too many than too few, so that a budget holds whatever tokenizer
 * the reader has. Linear, without a vocabulary.
 */
export function estimateTokens(text: string): number {
  if (text === "") return 0;
  let tokens = SLACK;
  for (let at = 0; at < text.length; ) {
    const piece = chargedAt(text, at);
    tokens += piece.tokens;
    at = piece.end;
  }
  return Math.ceil(tokens);
}

/**
 * A beginning of a text that is estimated at `maxTokens` or less, and hardly shorter than it could be: cut behind a
 * white space where there is one near, never inside a surrogate pair. A prefix as it is: nothing is added.
 */
export function cutToTokens(text: string, maxTokens: number): string {
  let tokens = SLACK;
  let at = 0;
  let fitting = 0;
  while (at < text.length) {
    const piece = chargedAt(text, at);
    tokens += piece.tokens;
    at = piece.end;
    if (Math.ceil(tokens) > maxTokens) return text.slice(0, wordEnd(text, fitting));
    // A space that joined the next word is a token of its own once it stands last.
    if (Math.ceil(tokens) + 1 <= maxTokens) fitting = at;
  }
  return text;
}

/** Items from the front that fit together; `tokens` is what they cost. */
export interface Fitted<T> {
  readonly kept: T[];
  /** How many were left out. */
  readonly omitted: number;
  readonly tokens: number;
}

/** The longest run of items from the front whose costs sum to `maxTokens` or less. Ranked lists keep their order. */
export function fitToBudget<T>(items: readonly T[], maxTokens: number, cost: (item: T) => number): Fitted<T> {
  const kept: T[] = [];
  let tokens = 0;
  for (const item of items) {
    const next = tokens + cost(item);
    if (next > maxTokens) break;
    kept.push(item);
    tokens = next;
  }
  return { kept, omitted: items.length - kept.length, tokens };
}

/** The next piece; signs beyond the basic plane that are no emoji are charged in full, because texts of them hold only such. */
function chargedAt(text: string, at: number): Piece {
  const piece = pieceAt(text, at);
  return isRareSign(text.codePointAt(at) ?? 0) ? { ...piece, tokens: MOST_OF_A_SIGN } : piece;
}

function isRareSign(code: number): boolean {
  return code >= 0x10000 && (code < 0x1f000 || code >= 0x1fb00);
}

function wordEnd(text: string, end: number): number {
  for (let at = end; at > Math.max(0, end - MAX_BACK); at--) {
    if (/\s/.test(text.charAt(at - 1))) return at;
  }
  return end;
}
