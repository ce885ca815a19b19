const LETTERS_PER_TOKEN = 6;
const DIGITS_PER_TOKEN = 3;
/** The English vocabulary spells other letters almost one by one. */
const FOREIGN_LETTER = 3;
/** A Hangul syllable is taken apart into its two or three letters. */
const HANGUL_TOKENS = 2.4;

/**
 * About how many WordPiece tokens the characters from `start` to `end` are, in one pass: a token per CJK
 * character and per mark, one per 6 ASCII letters, 2 other letters or 3 digits of a word.
 */
export function estimateTokens(text: string, start = 0, end = text.length): number {
  let tokens = 0;
  let letters = 0;
  let digits = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const weight = letterWeight(code);
    if (weight > 0) letters += weight;
    else if (code >= 48 && code <= 57) digits++;
    else {
      tokens +=
        Math.ceil(letters / LETTERS_PER_TOKEN) + Math.ceil(digits / DIGITS_PER_TOKEN) + markTokens(code);
      letters = 0;
      digits = 0;
    }
  }
  return Math.ceil(tokens + letters / LETTERS_PER_TOKEN + digits / DIGITS_PER_TOKEN);
}

function letterWeight(code: number): number {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 1;
  return code >= 0xc0 && code < 0x1100 ? FOREIGN_LETTER : 0;
}

function markTokens(code: number): number {
  if (code <= 32 || (code >= 0xdc00 && code <= 0xdfff)) return 0;
  return code >= 0xac00 && code <= 0xd7a3 ? HANGUL_TOKENS : 1;
}
