import { columnsOf, cutToColumns } from "./terminal-text.ts";

/** Text broken at blanks into at most `lines` lines of at most `columns`; what is left out ends in `…`. */
export function wrapText(text: string, columns: number, lines: number): readonly string[] {
  const words = text.split(" ");
  const wrapped: string[] = [];
  let line = "";
  for (const [at, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || columnsOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (wrapped.length === lines - 1)
      return [...wrapped, cutToColumns([line, ...words.slice(at)].join(" "), columns)];
    wrapped.push(cutToColumns(line, columns));
    line = word;
  }
  return [...wrapped, cutToColumns(line, columns)];
}

/** Text broken at blanks into lines of at most `columns`; nothing is cut, and `commands in backticks` stay in one piece. */
export function fillLines(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.match(/`[^`]*`\S*|\S+/g) ?? []) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length > 0 && columnsOf(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
