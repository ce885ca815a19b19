/** One line of a text: offsets are UTF-16 units into that text, `end` stands before the line ending. */
export interface Line {
  readonly start: number;
  readonly end: number;
  /** Where the following line starts; the text's length on the last line. */
  readonly next: number;
  /** 1-based number of the line. */
  readonly number: number;
}

const LINE_ENDING = /\r\n|\n|\r/g;
const TAB_STOP = 4;

/** Every line of `text` from offset `from`, which is the start of line `firstNumber`. LF, CRLF and CR all end a line. */
export function splitLines(text: string, from = 0, firstNumber = 1): Line[] {
  const lines: Line[] = [];
  let start = from;
  let number = firstNumber;
  const endings = new RegExp(LINE_ENDING);
  endings.lastIndex = from;
  for (let match = endings.exec(text); match !== null; match = endings.exec(text)) {
    lines.push({ start, end: match.index, next: endings.lastIndex, number });
    start = endings.lastIndex;
    number++;
  }
  if (start < text.length) lines.push({ start, end: text.length, next: text.length, number });
  return lines;
}

/** The line ending that the text uses first; LF where it has none. */
export function lineEndingOf(text: string): "\n" | "\r\n" | "\r" {
  const ending = /\r\n|\n|\r/.exec(text)?.[0];
  return ending === "\r\n" || ending === "\r" ? ending : "\n";
}

/** Where the white space from `offset` ends, and the column (tab stops of 4) that it reaches from `column`. */
export function skipIndent(
  text: string,
  offset: number,
  end: number,
  column = 0,
): { readonly offset: number; readonly column: number } {
  let at = offset;
  let reached = column;
  for (; at < end; at++) {
    const char = text[at];
    if (char === " ") reached++;
    else if (char === "\t") reached += TAB_STOP - (reached % TAB_STOP);
    else break;
  }
  return { offset: at, column: reached };
}
