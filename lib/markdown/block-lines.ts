import { type HtmlBlock, htmlBlockAt } from "./html-block.ts";
import { type Line, skipIndent, splitLines } from "./lines.ts";

/** What a line is to the document's outline. Headings inside quotes, list items, code and HTML are none. */
export type BlockKind =
  | "blank"
  | "text"
  | "heading"
  | "underline"
  | "rule"
  | "item"
  | "quote"
  | "fence"
  | "code"
  | "indented"
  | "html";

export interface BlockLine extends Line {
  readonly kind: BlockKind;
  /** 1–6 on a heading and on a setext underline, else 0. */
  readonly level: number;
  /** Where the line's own words start: behind indentation and list markers; on an underline, where its paragraph starts. */
  readonly content: number;
}

export interface BlockScan {
  readonly lines: readonly BlockLine[];
  /** The line that would close a fence or HTML block which the text leaves open outside every list. */
  readonly closer: string | undefined;
}

interface Fence {
  readonly char: string;
  readonly length: number;
  /** Column of the list item that holds the fence; a line left of it closes both. */
  readonly column: number;
}

interface State {
  readonly text: string;
  /** Content column of each open list item, outermost first. */
  lists: number[];
  fence: Fence | undefined;
  html: (HtmlBlock & { readonly column: number }) | undefined;
  /** Start and line count of the open paragraph outside every container: what a setext underline would head. */
  paragraph: { readonly start: number; lines: number } | undefined;
  /** A paragraph is open in whatever container, so that the next line may continue it lazily. */
  inParagraph: boolean;
}

type Verdict = Pick<BlockLine, "kind" | "level" | "content">;

/** No block syntax needs more of a line than this; it keeps a megabyte on one line cheap. */
const HEAD = 1000;
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const LIST_MARKER = /^(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)/;
const FIELD_LINE =
  /^(?:[-*+] )?(?:\*\*|__)?[\p{L}][\p{L}\p{N} _/-]{0,40}(?::(?:\*\*|__)|(?:\*\*|__)?:)(?:\s|$)/u;

/**
 * Every line of `text` from offset `from` with its part in the outline, by the rules of CommonMark 0.31:
 * a fence closes with a fence of the same character and at least its length, or with the list item that
 * holds it, else it runs to the end of the text.
 */
export function scanBlocks(text: string, from = 0, firstLine = 1): BlockScan {
  const state: State = {
    text,
    lists: [],
    fence: undefined,
    html: undefined,
    paragraph: undefined,
    inParagraph: false,
  };
  const lines = splitLines(text, from, firstLine).map((line): BlockLine => {
    const { kind, level, content } = classify(state, line);
    // Written out: this runs for every line of every document.
    return { start: line.start, end: line.end, next: line.next, number: line.number, kind, level, content };
  });
  const { fence, html } = state;
  // What a list item holds ends with the item, so whatever stands left of it needs no closer.
  if ((fence ?? html)?.column !== 0) return { lines, closer: undefined };
  return { lines, closer: fence ? fence.char.repeat(fence.length) : html?.closer };
}

function classify(state: State, line: Line): Verdict {
  const { offset, column } = skipIndent(state.text, line.start, line.end);
  const isBlank = offset === line.end;
  const open = state.fence ?? state.html;
  if (open !== undefined && !isBlank && column < open.column) {
    state.fence = undefined;
    state.html = undefined;
  }
  if (state.fence !== undefined) return insideFence(state, state.fence, line, offset, column);
  if (state.html !== undefined) return insideHtml(state, state.html, line, isBlank);
  if (isBlank) {
    closeParagraph(state);
    return { kind: "blank", level: 0, content: offset };
  }
  return startOfBlock(state, line, offset, column);
}

function insideFence(state: State, fence: Fence, line: Line, offset: number, column: number): Verdict {
  const closes =
    column - fence.column <= 3 &&
    isFenceClose(state.text.slice(offset, Math.min(line.end, offset + HEAD)), fence);
  if (closes) state.fence = undefined;
  return { kind: closes ? "fence" : "code", level: 0, content: line.start };
}

function isFenceClose(head: string, fence: Fence): boolean {
  const bare = head.trimEnd();
  return bare.length >= fence.length && bare === fence.char.repeat(bare.length);
}

function insideHtml(state: State, html: HtmlBlock, line: Line, isBlank: boolean): Verdict {
  const ends = html.end === undefined ? isBlank : html.end.test(state.text.slice(line.start, line.end));
  if (ends) state.html = undefined;
  return { kind: ends && isBlank ? "blank" : "html", level: 0, content: line.start };
}

function startOfBlock(state: State, line: Line, offset: number, column: number): Verdict {
  const head = state.text.slice(offset, Math.min(line.end, offset + HEAD));
  const kept = state.lists.filter((content) => content <= column);
  const isLeft = kept.length < state.lists.length;
  if (isLeft && state.inParagraph && isPlainText(head, column - (kept.at(-1) ?? 0))) {
    return { kind: "text", level: 0, content: offset };
  }
  if (isLeft) closeParagraph(state);
  state.lists = kept;
  return blockAt(state, line, offset, column, false);
}

/** The block that begins at `offset`; after a list marker it looks again behind the marker. */
function blockAt(state: State, line: Line, offset: number, column: number, isItem: boolean): Verdict {
  const base = state.lists.at(-1) ?? 0;
  const head = state.text.slice(offset, Math.min(line.end, offset + HEAD));
  if (column - base >= 4 && !isItem) {
    return { kind: state.inParagraph ? "text" : "indented", level: 0, content: offset };
  }
  const verdict = outlineAt(state, head, offset) ?? containerAt(state, line, offset, column);
  if (verdict !== undefined) return isItem ? { ...verdict, kind: "item", level: 0 } : verdict;
  if (head !== "") continueParagraph(state, offset, isItem);
  return { kind: isItem ? "item" : "text", level: 0, content: offset };
}

/** Fences, HTML blocks and list items. */
function containerAt(state: State, line: Line, offset: number, column: number): Verdict | undefined {
  const base = state.lists.at(-1) ?? 0;
  const rest = state.text.slice(offset, line.end);
  if (openFence(state, rest, base)) return { kind: "fence", level: 0, content: offset };
  if (openHtml(state, rest, base)) return { kind: "html", level: 0, content: offset };
  const marker = LIST_MARKER.exec(rest.slice(0, HEAD))?.[0];
  return marker === undefined ? undefined : itemAt(state, line, offset, column, marker);
}

/** Headings, underlines, rules and quotes. */
function outlineAt(state: State, head: string, offset: number): Verdict | undefined {
  const underline = underlineLevel(state, head);
  if (underline > 0) {
    const content = state.paragraph?.start ?? offset;
    closeParagraph(state);
    return { kind: "underline", level: underline, content };
  }
  if (RULE.test(head)) {
    closeParagraph(state);
    return { kind: "rule", level: 0, content: offset };
  }
  const hashes = /^#{1,6}(?=[ \t]|$)/.exec(head)?.[0].length ?? 0;
  if (hashes > 0) {
    closeParagraph(state);
    // A heading inside a list item is part of the item, not of the outline.
    return {
      kind: state.lists.length > 0 ? "text" : "heading",
      level: state.lists.length > 0 ? 0 : hashes,
      content: offset,
    };
  }
  if (!head.startsWith(">")) return undefined;
  state.paragraph = undefined;
  state.inParagraph = /[^>\s]/.test(head);
  return { kind: "quote", level: 0, content: Math.min(offset + 1, offset + head.length) };
}

/**
 * 1 or 2 where the line underlines the open paragraph. A `---` below several lines, below a field
 * (`Status: done`) or below a table row is left a rule: that is what people mean by it there.
 */
function underlineLevel(state: State, head: string): number {
  if (state.paragraph === undefined || !/^(?:=+|-+)[ \t]*$/.test(head)) return 0;
  if (head.startsWith("=")) return 1;
  const first = state.text.slice(state.paragraph.start, state.paragraph.start + HEAD);
  return state.paragraph.lines > 1 || FIELD_LINE.test(first) || first.startsWith("|") ? 0 : 2;
}

function openFence(state: State, rest: string, column: number): boolean {
  const fence = /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(rest)?.[0];
  if (fence === undefined) return false;
  closeParagraph(state);
  state.fence = { char: fence.charAt(0), length: fence.length, column };
  return true;
}

function openHtml(state: State, rest: string, column: number): boolean {
  const html = htmlBlockAt(rest.slice(0, HEAD), state.inParagraph);
  if (html === undefined) return false;
  closeParagraph(state);
  const endsHere = html.end?.test(rest.slice(2)) ?? false;
  state.html = endsHere ? undefined : { ...html, column };
  return true;
}

function itemAt(state: State, line: Line, offset: number, column: number, marker: string): Verdict {
  const after = skipIndent(state.text, offset + marker.length, line.end, column + marker.length);
  const gap = after.column - column - marker.length;
  const isEmpty = after.offset === line.end;
  closeParagraph(state);
  state.lists.push(column + marker.length + (isEmpty || gap > 4 ? 1 : gap));
  if (gap > 4 && !isEmpty) return { kind: "item", level: 0, content: after.offset };
  return blockAt(state, line, after.offset, after.column, true);
}

function continueParagraph(state: State, offset: number, isItem: boolean): void {
  if (state.paragraph !== undefined) state.paragraph.lines++;
  else if (state.lists.length === 0 && !isItem && !state.inParagraph)
    state.paragraph = { start: offset, lines: 1 };
  state.inParagraph = true;
}

function closeParagraph(state: State): void {
  state.paragraph = undefined;
  state.inParagraph = false;
}

/** Whether a line could be nothing but the continuation of a paragraph. */
function isPlainText(head: string, indent: number): boolean {
  if (indent >= 4) return true;
  return !(
    RULE.test(head) ||
    /^(?:#{1,6}(?:[ \t]|$)|>|`{3}|~{3})/.test(head) ||
    LIST_MARKER.test(head) ||
    htmlBlockAt(head, true) !== undefined
  );
}
