import type { BlockLine } from "./block-lines.ts";
import { estimateTokens } from "./tokens-estimate.ts";

/** A stretch of text that is not cut further. Units of a text follow each other without a gap. */
export interface TextUnit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  /** How good a place for a cut the unit's start is: 3 a new paragraph, 2 a list item, 1 a line, 0 within a line. */
  readonly cut: 0 | 1 | 2 | 3;
}

/** The units of the lines from offset `start` to `end`: lines, and pieces of lines that alone exceed `maxTokens`. */
export function unitsOf(text: string, lines: readonly BlockLine[], maxTokens: number): TextUnit[] {
  const units: TextUnit[] = [];
  let previous: BlockLine | undefined;
  for (const line of lines) {
    const unit: TextUnit = {
      start: line.start,
      end: line.next,
      tokens: estimateTokens(text, line.start, line.end),
      cut: cutBefore(line, previous),
    };
    if (unit.tokens > maxTokens) units.push(...pieces(text, unit, maxTokens));
    else units.push(unit);
    previous = line;
  }
  return units;
}

function cutBefore(line: BlockLine, previous: BlockLine | undefined): TextUnit["cut"] {
  if (line.kind === "blank") return 0;
  if (line.level > 0 && line.kind === "heading") return 3;
  const isOutside = line.kind !== "code" && previous?.kind !== "code";
  if (previous?.kind === "blank") return isOutside ? 3 : 2;
  if (line.kind === "item" || line.kind === "fence") return 2;
  return line.kind === "underline" ? 0 : 1;
}

/** A long line in pieces of at most `maxTokens`, cut behind sentences, else behind words, else between characters. */
function pieces(text: string, unit: TextUnit, maxTokens: number): TextUnit[] {
  const out: TextUnit[] = [];
  let start = unit.start;
  while (start < unit.end) {
    const end = pieceEnd(text, start, unit.end, maxTokens);
    out.push({
      start,
      end,
      tokens: estimateTokens(text, start, end),
      cut: start === unit.start ? unit.cut : 0,
    });
    start = end;
  }
  return out;
}

/** Looks no further than the piece itself, so that a megabyte on one line costs a megabyte. */
function pieceEnd(text: string, start: number, end: number, maxTokens: number): number {
  let tokens = 0;
  let at = start;
  while (at < end && tokens < maxTokens) {
    const next = Math.min(end, at + STEP);
    tokens += estimateTokens(text, at, next);
    at = next;
  }
  if (at >= end) return end;
  const window = text.slice(start, at);
  const sentence = lastMatchEnd(window, /[.!?。！？][)\]"'”’]*\s+|[。！？]/g);
  if (sentence > window.length / 3) return start + sentence;
  const word = Math.max(window.lastIndexOf(" "), window.lastIndexOf("\t")) + 1;
  if (word > window.length / 3) return start + word;
  const isInsidePair = /[\ud800-\udbff]$/.test(window);
  return isInsidePair ? at - 1 : at;
}

const STEP = 40;

function lastMatchEnd(text: string, pattern: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}
