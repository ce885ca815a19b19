import { type FrontmatterBlock, findFrontmatterBlock } from "./frontmatter-block.ts";
import { type EntryScan, scanEntries } from "./frontmatter-entries.ts";
import { recoverEntries } from "./frontmatter-recovery.ts";
import type { TextWarning } from "./text-warning.ts";
import { readYaml } from "./yaml-values.ts";

export interface Frontmatter {
  /** Keys as written. Values are plain JSON values; dates are text, never Date. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The text behind the block, or the whole text (without byte order mark) where there is none. */
  readonly body: string;
  /** Offset of `body` in the text. */
  readonly bodyStart: number;
  /** 1-based line where the body starts. */
  readonly bodyLine: number;
  /** 1-based line of each key, where known. */
  readonly keyLines: ReadonlyMap<string, number>;
  readonly present: boolean;
  /** YAML refused the block; its keys were read one by one. */
  readonly recovered: boolean;
  readonly warnings: readonly TextWarning[];
}

/**
 * Reads the YAML frontmatter of a document. Never throws and never drops a line: what cannot be read as a
 * mapping stays in the body, what cannot be read as a value is kept as its raw text, each with a warning.
 */
export function readFrontmatter(text: string): Frontmatter {
  const { block, isOpen, foreign } = findFrontmatterBlock(text);
  if (foreign !== undefined) {
    return withoutBlock(text, [
      { line: 1, reason: `${foreign} frontmatter is not read; it is kept as text of the body.` },
    ]);
  }
  if (block === undefined) return withoutBlock(text, isOpen ? warningOfOpenBlock(text) : []);
  return readBlock(text, block);
}

function readBlock(text: string, block: FrontmatterBlock): Frontmatter {
  const source = text.slice(block.start, block.end);
  const yaml = readYaml(source);
  const scan = scanEntries(source);
  const where = {
    body: text.slice(block.bodyStart),
    bodyStart: block.bodyStart,
    bodyLine: block.bodyLine,
    keyLines: new Map(scan.entries.map((entry) => [entry.key, block.line + entry.line])),
    present: true,
  };
  switch (yaml.kind) {
    case "mapping": {
      const warnings = yaml.mapping.duplicates.map(({ key, line }) => ({
        line: block.line + line,
        reason: `The frontmatter key "${key}" is given more than once; the last one counts.`,
      }));
      return { ...where, data: yaml.mapping.data, recovered: false, warnings };
    }
    case "empty":
      if (isProseUnderRule(source)) return withoutBlock(text, []);
      return { ...where, data: {}, recovered: false, warnings: [] };
    case "other":
      return withoutBlock(text, warningOfNoMapping(source, block));
    case "broken": {
      const refusal = reasonAgainstRecovery(scan, source, block);
      if (refusal !== undefined) return withoutBlock(text, refusal);
      const { data, warnings } = recoverEntries(source, scan, block.line, yaml);
      return { ...where, data, recovered: true, warnings };
    }
    default:
      return yaml satisfies never;
  }
}

function withoutBlock(text: string, warnings: readonly TextWarning[]): Frontmatter {
  const bodyStart = text.startsWith("\uFEFF") ? 1 : 0;
  const body = text.slice(bodyStart);
  return {
    data: {},
    body,
    bodyStart,
    bodyLine: 1,
    keyLines: new Map(),
    present: false,
    recovered: false,
    warnings,
  };
}

/** Only comment lines, with a blank line beside them: a rule, a heading and another rule. */
function isProseUnderRule(source: string): boolean {
  return source.trim() !== "" && /^\s*\n|\n[ \t]*\r?\n/.test(source);
}

function reasonAgainstRecovery(
  scan: EntryScan,
  source: string,
  block: FrontmatterBlock,
): readonly TextWarning[] | undefined {
  const [first] = scan.entries;
  if (first === undefined) return warningOfNoMapping(source, block);
  if (
    source
      .slice(0, first.start)
      .split(/\r\n|\n|\r/)
      .some((line) => /^[^\s#]/.test(line))
  ) {
    return warningOfNoMapping(source, block);
  }
  if (!scan.hasProse) return undefined;
  return [
    {
      line: block.line - 1,
      reason: "The frontmatter is not closed by a line of three dashes; it is kept as text of the body.",
    },
  ];
}

/** A blank line below the first rule says prose; anything else was probably meant as frontmatter. */
function warningOfNoMapping(source: string, block: FrontmatterBlock): readonly TextWarning[] {
  if (/^[ \t]*(?:\r|\n|$)/.test(source)) return [];
  return [
    {
      line: block.line,
      reason: "The block between the dashes is no mapping of keys to values; it is kept as text of the body.",
    },
  ];
}

function warningOfOpenBlock(text: string): readonly TextWarning[] {
  const [first] = scanEntries(text.slice(text.indexOf("---") + 3, text.indexOf("---") + 500)).entries;
  if (first?.line !== 1) return [];
  return [
    {
      line: 1,
      reason: "The frontmatter is not closed by a line of three dashes; it is kept as text of the body.",
    },
  ];
}
