import { type BlockLine, scanBlocks } from "./block-lines.ts";
import { type TextUnit, unitsOf } from "./chunk-units.ts";
import { MOST_HEADINGS, type Section, sectionsOf, visibleHeading } from "./sections.ts";
import { estimateTokens } from "./tokens-estimate.ts";

/** A searchable piece of a document. Its text is `body.slice(start, end)`; chunks never overlap. */
export interface TextChunk {
  /** 0-based place in the document. */
  readonly ordinal: number;
  /** "Title › Section › Subsection"; sections that were put together have the heading they share. */
  readonly heading: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** 1-based line of the body where the chunk starts. */
  readonly line: number;
}

export interface ChunkOptions {
  readonly title: string;
  readonly body: string;
  /** Size to aim at, in WordPiece tokens; a chunk may exceed it by a fifth rather than leave a scrap. */
  readonly maxTokens?: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly path: readonly string[];
  /** The span is whole sections, or a section's own words, so that it may be put together with a neighbour. */
  readonly isWhole: boolean;
}

interface Job {
  readonly body: string;
  readonly lines: readonly BlockLine[];
  readonly sections: readonly Section[];
  readonly maxTokens: number;
}

/** The model reads 256 tokens; 200 leave room for the heading and for the error of the estimate. */
const DEFAULT_TOKENS = 200;
/** Share of the size that is not left over as a chunk at a section's end. */
const SCRAP = 0.2;
/** Share of the size that a heading with its own words may take to go with what is below it. */
const BARE = 0.1;

/**
 * Cuts a body into chunks: by section, then by paragraph, list item, line, sentence and word, each only
 * where the one before leaves more than `maxTokens`. Small neighbours under one heading are put together.
 * Every character that is no white space is in exactly one chunk. A short document is one chunk, an empty
 * one a chunk of its title alone (`text` is "").
 */
export function chunkDocument(options: ChunkOptions): TextChunk[] {
  const work = cutDocument(options);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** {@link chunkDocument} in steps: between two of them the caller may let others have their turn. */
export function* cutDocument({
  title,
  body,
  maxTokens = DEFAULT_TOKENS,
}: ChunkOptions): Generator<undefined, TextChunk[]> {
  const { lines } = scanBlocks(body);
  yield;
  const sections = sectionsOf(body, lines, { mostHeadings: MOST_HEADINGS });
  yield;
  const job: Job = { body, lines, sections, maxTokens };
  const spans = spansOf(job, 0, sections.length, []);
  yield;
  const chunks = spans.flatMap((span) => trimmed(body, span));
  if (chunks.length === 0) return [{ ordinal: 0, heading: title, text: "", start: 0, end: 0, line: 1 }];
  let at = 0;
  return chunks.map(({ start, end, path }, ordinal) => {
    while ((lines[at]?.next ?? body.length) <= start && at < lines.length - 1) at++;
    const heading = breadcrumb(title, path);
    return { ordinal, heading, text: body.slice(start, end), start, end, line: lines[at]?.number ?? 1 };
  });
}

/** The spans of sections `from` (inclusive) to `to` (exclusive), which are one heading's subtree or the whole document. */
function spansOf(job: Job, from: number, to: number, path: readonly string[]): Span[] {
  const first = job.sections[from];
  const last = job.sections[to - 1];
  if (first === undefined || last === undefined) return [];
  const whole = { start: first.start, end: last.ownEnd };
  const tokens = estimateTokens(job.body, whole.start, whole.end);
  if (tokens <= job.maxTokens) return [{ ...whole, tokens, path, isWhole: true }];
  const spans: Span[] = [];
  let at = from;
  const isHeaded = path.length > 0 && first.path.length === path.length;
  if (isHeaded || first.level === 0) {
    spans.push(...ownSpans(job, first, path));
    at++;
  }
  while (at < to) {
    const next = subtreeEnd(job.sections, at, to);
    const below = spansOf(job, at, next, job.sections[at]?.path ?? path);
    // A part of a section is put together with other parts of it, not with the section's neighbours.
    spans.push(...(below.length === 1 ? below : below.map((span) => ({ ...span, isWhole: false }))));
    at = next;
  }
  return mergeSmall(spans, path, job.maxTokens);
}

function subtreeEnd(sections: readonly Section[], from: number, to: number): number {
  const end = sections[from]?.end ?? 0;
  let at = from + 1;
  while (at < to && (sections[at]?.start ?? end) < end) at++;
  return at;
}

/** A section's own words, without its subsections. */
function ownSpans(job: Job, section: Section, path: readonly string[]): Span[] {
  const { start, ownEnd: end } = section;
  const tokens = estimateTokens(job.body, start, end);
  if (tokens <= job.maxTokens) return [{ start, end, tokens, path, isWhole: true }];
  const from = lowerBound(job.lines, start);
  const to = lowerBound(job.lines, end);
  return packed(unitsOf(job.body, job.lines.slice(from, to), job.maxTokens), path, job.maxTokens);
}

/** Units put together up to the limit, each time cut back to the best place in the second half. */
function packed(units: readonly TextUnit[], path: readonly string[], maxTokens: number): Span[] {
  const spans: Span[] = [];
  let from = 0;
  while (from < units.length) {
    const to = packEnd(units, from, maxTokens);
    const taken = units.slice(from, to);
    const tokens = taken.reduce((sum, unit) => sum + unit.tokens, 0);
    const previous = spans.at(-1);
    if (previous !== undefined && tokens < maxTokens * SCRAP && to === units.length) {
      spans[spans.length - 1] = {
        ...previous,
        end: taken.at(-1)?.end ?? previous.end,
        tokens: previous.tokens + tokens,
      };
    } else {
      spans.push({ start: taken[0]?.start ?? 0, end: taken.at(-1)?.end ?? 0, tokens, path, isWhole: false });
    }
    from = to;
  }
  return spans;
}

function packEnd(units: readonly TextUnit[], from: number, maxTokens: number): number {
  let tokens = 0;
  let to = from;
  let best = -1;
  let bestCut = 0;
  for (; to < units.length; to++) {
    const unit = units[to];
    if (unit === undefined || (to > from && tokens + unit.tokens > maxTokens)) break;
    if (to > from && tokens >= maxTokens / 2 && unit.cut >= bestCut) {
      best = to;
      bestCut = unit.cut;
    }
    tokens += unit.tokens;
  }
  if (to >= units.length) return to;
  return best > from && bestCut > (units[to]?.cut ?? 0) ? best : to;
}

/**
 * Neighbours that fit together become one span under the heading that they share. A heading with hardly
 * a word of its own goes with the first words below it, under their heading.
 */
function mergeSmall(spans: readonly Span[], path: readonly string[], maxTokens: number): Span[] {
  const merged: Span[] = [];
  for (const span of spans) {
    const previous = merged.at(-1);
    const together = previous && mergedSpan(previous, span, path, maxTokens);
    if (together === undefined) merged.push(span);
    else merged[merged.length - 1] = together;
  }
  return merged;
}

function mergedSpan(first: Span, next: Span, path: readonly string[], maxTokens: number): Span | undefined {
  const tokens = first.tokens + next.tokens;
  const both = { start: first.start, end: next.end, tokens };
  const isAbove =
    first.path.length < next.path.length && first.path.every((step, at) => step === next.path[at]);
  const isBare = first.tokens < maxTokens * BARE && tokens <= maxTokens * (1 + BARE);
  if (isAbove && isBare) return { ...both, path: next.path, isWhole: next.isWhole };
  return tokens <= maxTokens && first.isWhole && next.isWhole ? { ...both, path, isWhole: true } : undefined;
}

function trimmed(body: string, span: Span): readonly Span[] {
  const text = body.slice(span.start, span.end);
  const start = span.start + (text.length - text.trimStart().length);
  const end = span.start + text.trimEnd().length;
  return start < end ? [{ ...span, start, end }] : [];
}

function breadcrumb(title: string, path: readonly string[]): string {
  const isSame = (path[0] ?? "").toLowerCase() === visibleHeading(title).toLowerCase();
  return [title, ...(isSame ? path.slice(1) : path)].filter((step) => step !== "").join(" › ");
}

function lowerBound(lines: readonly BlockLine[], offset: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
