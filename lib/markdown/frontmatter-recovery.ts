import type { EntryScan, FrontmatterEntry } from "./frontmatter-entries.ts";
import type { TextWarning } from "./text-warning.ts";
import { readYaml } from "./yaml-values.ts";

/** Where and why YAML refused the whole block; the line is 0-based in the block. */
interface Refusal {
  readonly line: number;
  readonly reason: string;
}

/**
 * Reads a block that YAML refused key by key: what parses alone is taken, the rest is kept as the text
 * that stands there (`assignee: @codex` is "@codex").
 * @param firstLine 1-based line of the block's first line in the text
 */
export function recoverEntries(
  source: string,
  scan: EntryScan,
  firstLine: number,
  refusal: Refusal,
): { readonly data: Readonly<Record<string, unknown>>; readonly warnings: readonly TextWarning[] } {
  const values = new Map<string, unknown>();
  const warnings: TextWarning[] = [];
  for (const entry of scan.entries) {
    const line = firstLine + entry.line;
    if (values.has(entry.key)) {
      warnings.push({
        line,
        reason: `The frontmatter key "${entry.key}" is given more than once; the last one counts.`,
      });
    }
    const { value, reason } = readEntry(source, entry);
    values.set(entry.key, value);
    if (reason !== undefined) {
      warnings.push({
        line,
        reason: `"${entry.key}" is no valid YAML (${reason}); its text was kept as it stands.`,
      });
    }
  }
  if (warnings.length === 0) {
    warnings.push({
      line: firstLine + refusal.line,
      reason: `The frontmatter is no valid YAML (${refusal.reason}); its keys were read one by one.`,
    });
  }
  // Built from entries, so that a key named `__proto__` is an ordinary key.
  return { data: Object.fromEntries(values), warnings };
}

function readEntry(source: string, entry: FrontmatterEntry): { value: unknown; reason?: string } {
  const yaml = readYaml(source.slice(entry.start, entry.end));
  if (yaml.kind === "mapping") {
    const values = Object.values(yaml.mapping.data);
    if (values.length === 1) return { value: values[0] };
  }
  const reason = yaml.kind === "broken" ? yaml.reason : "more than one value";
  return { value: rawValue(source.slice(entry.colon, entry.end)), reason };
}

/** Text, or the items of what is plainly meant as a list. */
function rawValue(raw: string): unknown {
  const text = raw.trim();
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  if (lines.every((line) => /^-\s/.test(line) || line === "-")) {
    return lines.map((line) => unquoted(line.slice(1).trim()));
  }
  if (lines.length === 1 && /^\[.*\]$/.test(text)) {
    return text
      .slice(1, -1)
      .split(",")
      .map((item) => unquoted(item.trim()))
      .filter((item) => item !== "");
  }
  return unquoted(lines.filter((line) => line !== "").join("\n"));
}

function unquoted(text: string): string {
  const inner = /^(["'])(.*)\1$/.exec(text)?.[2];
  return inner === undefined || inner.includes('"') || inner.includes("'") ? text : inner;
}
