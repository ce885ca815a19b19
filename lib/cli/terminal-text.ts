/**
 * Text for one place on a terminal. Stored text is somebody else's: an escape sequence in it must not
 * reach the terminal, and a table has to know how many columns each character takes.
 */

/** Characters that take two columns: East Asian Wide and Fullwidth (Unicode UAX #11), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u;
const NO_WIDTH = /^[\p{Mark}\p{Cf}]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but line ends and tabs stay
const CONTROL_IN_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// Characters that turn the direction of writing around and so can make text read as what it is not.
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;
const PLAIN = /^[\u0020-\u007e]*$/;

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes(text)) columns += columnsOfGrapheme(segment);
  return columns;
}

/** The text cut to at most `columns`, ending in `…` when something was left out. */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes(text)) {
    used += columnsOfGrapheme(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return columns <= 0 ? "" : `${kept.trimEnd()}…`;
}

/** The text filled with blanks to `columns`. */
export function padToColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** One line without control characters: what a cell or a heading may hold. */
export function asLine(text: string): string {
  return text.replace(CONTROL, " ").replace(DIRECTION, "").replace(/\s+/g, " ").trim();
}

/** Text of several lines without anything that steers a terminal. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(CONTROL_IN_TEXT, "\ufffd").replace(DIRECTION, "");
}

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): Intl.Segments {
  // Made at first need: plain text never needs it, and it costs milliseconds.
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function columnsOfGrapheme(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
