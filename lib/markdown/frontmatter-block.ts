import { splitLines } from "./lines.ts";

/** Where a frontmatter block stands in a text. Offsets are UTF-16 units. */
export interface FrontmatterBlock {
  /** The YAML between the delimiters, its last line ending included. */
  readonly start: number;
  readonly end: number;
  /** 1-based line of `start`. */
  readonly line: number;
  readonly bodyStart: number;
  readonly bodyLine: number;
}

/** What opens a block that never closes, for the warning. */
export interface FrontmatterSearch {
  readonly block: FrontmatterBlock | undefined;
  readonly isOpen: boolean;
  /** TOML or JSON frontmatter, which is left in the body. */
  readonly foreign: "TOML" | "JSON" | undefined;
}

/** Characters; a rule further down in a long text closes no frontmatter, and YAML is slow on what is not YAML. */
const LARGEST_BLOCK = 64 * 1024;

const NOTHING: FrontmatterSearch = { block: undefined, isOpen: false, foreign: undefined };

/**
 * The lines between a first `---` and the next `---` or `...`. Blank lines and a byte order mark may stand
 * before. Whether the lines are a mapping, or a rule with prose below it, is for the caller to see.
 */
export function findFrontmatterBlock(text: string): FrontmatterSearch {
  const at = /^\uFEFF?(?:[ \t]*(?:\r\n|\n|\r))*/.exec(text)?.[0].length ?? 0;
  const foreign = foreignFormat(text, at);
  if (foreign !== undefined) return { ...NOTHING, foreign };
  return text.startsWith("---", at) ? between(text, at) : NOTHING;
}

function between(text: string, at: number): FrontmatterSearch {
  const firstLine = text.slice(0, at).split(/\r\n|\n|\r/).length;
  const window = text.slice(at, at + LARGEST_BLOCK);
  const [opener, ...rest] = splitLines(window, 0, firstLine);
  if (opener === undefined || window.slice(opener.start, opener.end).trimEnd() !== "---") return NOTHING;
  const closer = rest.find(({ start, end }) =>
    /^(?:---|\.\.\.)[ \t]*$/.test(window.slice(start, Math.min(end, start + 200))),
  );
  if (closer === undefined) return { ...NOTHING, isOpen: true };
  const block: FrontmatterBlock = {
    start: at + opener.next,
    end: at + closer.start,
    line: opener.number + 1,
    bodyStart: at + closer.next,
    bodyLine: closer.number + 1,
  };
  return { ...NOTHING, block };
}

function foreignFormat(text: string, at: number): "TOML" | "JSON" | undefined {
  const head = text.slice(at, at + 200);
  if (/^(?:\+\+\+|---toml)[ \t]*(?:\r|\n)/.test(head)) return "TOML";
  if (/^(?:---json|;;;)[ \t]*(?:\r|\n)/.test(head) || /^\{\s*"[^"\r\n]*"\s*:/.test(head)) return "JSON";
  return undefined;
}
