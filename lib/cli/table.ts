import { asLine, columnsOf, cutToColumns, padToColumns } from "./terminal-text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** May be cut to make the table fit; the others are cut only when nothing else helps. */
  readonly flexible?: boolean;
  /** Left out where it would make others be cut. */
  readonly minor?: boolean;
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

/**
 * Rows under titles, one line each. Columns that are empty in every row are left out, and so are minor ones
 * where they would make others be cut. No line passes the width.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string {
  const filled = columns
    .map((column): Filled<Row> => ({ column, cells: rows.map((row) => asLine(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const shown = withoutMinor(filled, options.width);
  const widths = fitWidths(shown, options.width);
  const line = (texts: readonly string[]): string => renderLine(shown, texts, widths);
  const titles = options.emphasise(line(shown.map(({ column }) => column.title)));
  return [titles, ...rows.map((_, at) => line(shown.map(({ cells }) => cells[at] ?? "")))].join("\n");
}

interface Filled<Row> {
  readonly column: Column<Row>;
  /** The column's text in every row. */
  readonly cells: readonly string[];
}

/** The columns without the last minor one, until the rest fits or no minor one is left. */
function withoutMinor<Row>(
  columns: readonly Filled<Row>[],
  width: number | undefined,
): readonly Filled<Row>[] {
  if (width === undefined || totalWidth(columns.map(naturalWidth)) <= width) return columns;
  const last = columns.findLastIndex(({ column }) => column.minor === true);
  return last === -1 ? columns : withoutMinor(columns.toSpliced(last, 1), width);
}

function naturalWidth<Row>({ column, cells }: Filled<Row>): number {
  return cells.reduce((widest, cell) => Math.max(widest, columnsOf(cell)), columnsOf(column.title));
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

function renderLine<Row>(
  columns: readonly Filled<Row>[],
  texts: readonly string[],
  widths: readonly number[],
): string {
  const cells = columns.map(({ column }, at) => {
    const width = widths[at] ?? 0;
    const text = cutToColumns(texts[at] ?? "", width);
    return column.right === true ? " ".repeat(width - columnsOf(text)) + text : padToColumns(text, width);
  });
  return cells.join(GAP).trimEnd();
}

/** The width of each column: its widest cell, the widest flexible ones made narrower until all fit. */
function fitWidths<Row>(columns: readonly Filled<Row>[], width: number | undefined): readonly number[] {
  const widths = columns.map(naturalWidth);
  if (width === undefined) return widths;
  const excess = (): number => totalWidth(widths) - width;
  shrink(widths, (at) => columns[at]?.column.flexible === true, LEAST, excess);
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
