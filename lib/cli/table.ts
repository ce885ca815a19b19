import { asLine, columnsOf, cutToColumns, padToColumns } from "./terminal-text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** May be cut to make the table fit; the others are cut only when nothing else helps. */
  readonly flexible?: boolean;
  readonly right?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined elsewhere: nothing is cut then. */
  readonly width: number | undefined;
  /** Makes the line of titles stand out. */
  readonly emphasise: (text: string) => string;
}

const GAP = "  ";
const LEAST = 8;

/** Rows under titles, one line each; columns that are empty in every row are left out. No line passes the width. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => columns.map((column) => asLine(column.cell(row))));
  const kept = columns.map((_, at) => at).filter((at) => cells.some((line) => line[at] !== ""));
  const shown = kept.flatMap((at) => columns[at] ?? []);
  const lines = cells.map((line) => kept.map((at) => line[at] ?? ""));
  const widths = fitWidths(shown, lines, options.width);
  const line = (texts: readonly string[]): string => renderLine(shown, texts, widths);
  return [options.emphasise(line(shown.map(({ title }) => title))), ...lines.map(line)].join("\n");
}

function renderLine<Row>(
  columns: readonly Column<Row>[],
  texts: readonly string[],
  widths: readonly number[],
): string {
  const cells = columns.map(({ right }, at) => {
    const width = widths[at] ?? 0;
    const text = cutToColumns(texts[at] ?? "", width);
    return right === true ? " ".repeat(width - columnsOf(text)) + text : padToColumns(text, width);
  });
  return cells.join(GAP).trimEnd();
}

/** The width of each column: its widest cell, the widest flexible ones made narrower until all fit. */
function fitWidths<Row>(
  columns: readonly Column<Row>[],
  lines: readonly (readonly string[])[],
  width: number | undefined,
): readonly number[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(columnsOf(title), ...lines.map((line) => columnsOf(line[at] ?? ""))),
  );
  if (width === undefined) return widths;
  const excess = (): number =>
    widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width;
  shrink(widths, (at) => columns[at]?.flexible === true, LEAST, excess);
  shrink(widths, () => true, 1, excess);
  return widths;
}

function shrink(
  widths: number[],
  mayShrink: (at: number) => boolean,
  least: number,
  excess: () => number,
): void {
  while (excess() > 0) {
    const candidates = widths.map((_, at) => at).filter((at) => mayShrink(at) && (widths[at] ?? 0) > least);
    const widest = candidates.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}
