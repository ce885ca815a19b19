import { splitLines } from "./lines.ts";

/** One top-level `key: value` of a frontmatter block, found by its lines. Offsets are into the block. */
export interface FrontmatterEntry {
  readonly key: string;
  /** Start of the key's line. */
  readonly start: number;
  /** Behind the colon. */
  readonly colon: number;
  /** Behind the value's last character; trailing blank lines and comment lines are not part of it. */
  readonly end: number;
  /** 0-based line in the block. */
  readonly line: number;
}

export interface EntryScan {
  readonly entries: readonly FrontmatterEntry[];
  /** 0-based lines that are neither an entry nor its continuation by indentation. */
  readonly strays: readonly number[];
  /** Prose behind a blank line: the block is no frontmatter, a `---` further down only looked like its end. */
  readonly hasProse: boolean;
}

const KEY =
  /^([ \t]*)(?:"([^"\r\n]+)"|'([^'\r\n]+)'|([\p{L}\p{N}_$][^\r\n:#"'{}[\],]{0,79}?))[ \t]*:(?=[ \t]|$)/u;

/** The entries of a block that YAML may refuse: a key at the first key's indentation starts one, what follows belongs to it. */
export function scanEntries(source: string): EntryScan {
  const entries: FrontmatterEntry[] = [];
  const strays: number[] = [];
  let hasProse = false;
  let isAfterBlank = false;
  for (const line of splitLines(source, 0, 0)) {
    const words = source.slice(line.start, line.end);
    const indent = indentOf(source, entries);
    const match = KEY.exec(words);
    if (match !== null && (indent === undefined || match[1] === indent)) {
      entries.push(entryOf(match, line.start, line.number, words));
    } else {
      const kind = continuation(words, indent ?? "");
      if (kind === "stray") strays.push(line.number);
      hasProse ||= kind === "stray" && isAfterBlank;
      if (kind === "value" || kind === "stray") extendLast(entries, line.start + words.trimEnd().length);
    }
    isAfterBlank = words.trim() === "";
  }
  return { entries, strays, hasProse };
}

/** The white space before the first key. */
function indentOf(source: string, entries: readonly FrontmatterEntry[]): string | undefined {
  const [first] = entries;
  return first === undefined ? undefined : /^[ \t]*/.exec(source.slice(first.start, first.colon))?.[0];
}

function entryOf(match: RegExpExecArray, start: number, line: number, words: string): FrontmatterEntry {
  return {
    key: (match[2] ?? match[3] ?? match[4] ?? "").trim(),
    start,
    colon: start + match[0].length,
    end: start + words.trimEnd().length,
    line,
  };
}

function continuation(words: string, indent: string): "blank" | "value" | "comment" | "stray" {
  const rest = words.trimStart();
  if (rest === "") return "blank";
  const isDeeper = words.length - rest.length > indent.length;
  if (rest.startsWith("#") && !isDeeper) return "comment";
  return isDeeper || /^(?:-(?:\s|$)|[\]}])/.test(rest) ? "value" : "stray";
}

function extendLast(entries: FrontmatterEntry[], end: number): void {
  const last = entries.at(-1);
  if (last !== undefined) entries[entries.length - 1] = { ...last, end };
}
