import { isDeepStrictEqual } from "node:util";
import { KnowledgeError } from "../domain/error.ts";
import { type Frontmatter, readFrontmatter } from "./frontmatter.ts";
import { findFrontmatterBlock } from "./frontmatter-block.ts";
import { type FrontmatterEntry, scanEntries } from "./frontmatter-entries.ts";
import { lineEndingOf } from "./lines.ts";
import { locateEntries } from "./yaml-entries.ts";
import { renderScalar, scalarStyleOf } from "./yaml-scalar.ts";

/** Keys to set; `undefined` removes the key. Keys are matched as written. */
export type FrontmatterChanges = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The text with some frontmatter keys set or removed. Every other byte stays: comments, order, quoting,
 * line endings, byte order mark, body. A block is added where there is none.
 * @throws KnowledgeError `unsupported` where the block is laid out so that this cannot be promised; the text is then untouched.
 */
export function patchFrontmatter(text: string, changes: FrontmatterChanges): string {
  const before = readFrontmatter(text);
  const patched = before.present ? patchBlock(text, before, changes) : addBlock(text, changes);
  if (!isFaithful(before, readFrontmatter(patched), changes)) throw unsupported();
  return patched;
}

function addBlock(text: string, changes: FrontmatterChanges): string {
  const eol = lineEndingOf(text);
  const lines = Object.entries(changes).flatMap(([key, value]) =>
    value === undefined ? [] : [renderEntry(key, value, "", eol)],
  );
  if (lines.length === 0) return text;
  const at = text.startsWith("\uFEFF") ? 1 : 0;
  return [text.slice(0, at), ["---", ...lines, "---", ""].join(eol), text.slice(at)].join("");
}

function patchBlock(text: string, before: Frontmatter, changes: FrontmatterChanges): string {
  const block = findFrontmatterBlock(text).block;
  if (block === undefined) throw unsupported();
  let source = text.slice(block.start, block.end);
  const eol = lineEndingOf(text);
  for (const [key, value] of Object.entries(changes)) {
    const isHeld = Object.hasOwn(before.data, key);
    if (isSame(before.data[key], value) && (isHeld || value === undefined)) continue;
    source = patchSource(source, key, value, eol);
  }
  return text.slice(0, block.start) + source + text.slice(block.end);
}

function patchSource(
  source: string,
  key: string,
  value: string | readonly string[] | undefined,
  eol: string,
): string {
  const entries = locateEntries(source) ?? scanEntries(source).entries;
  const entry = entries.findLast((candidate) => candidate.key === key);
  if (entry === undefined) {
    if (value === undefined) return source;
    const indent = /^[ \t]*/.exec(source.slice(entries[0]?.start ?? source.length))?.[0] ?? "";
    return source + indent + renderEntry(key, value, "", eol) + eol;
  }
  if (value === undefined) {
    // Every entry of that name goes, else an earlier one would come to light.
    const next = cut(source, entry);
    return entries.filter((candidate) => candidate.key === key).length > 1
      ? patchSource(next, key, value, eol)
      : next;
  }
  return replaceValue(source, entry, value, eol);
}

function cut(source: string, entry: FrontmatterEntry): string {
  const rest = /^[^\r\n]*(?:\r\n|\n|\r)?/.exec(source.slice(entry.end))?.[0].length ?? 0;
  return source.slice(0, entry.start) + source.slice(entry.end + rest);
}

function replaceValue(
  source: string,
  entry: FrontmatterEntry,
  value: string | readonly string[],
  eol: string,
): string {
  const old = source.slice(entry.colon, entry.end);
  // A comment on the key's own line, above a value that starts below it.
  const note = /^[ \t]+#[^\r\n]*(?=[\r\n])/.exec(old)?.[0] ?? "";
  const written = old.slice(note.length).trim();
  const dashes = /(?:^|[\r\n])([ \t]*)-(?=[ \t])/.exec(old.slice(note.length));
  const isBlockList = /^-[ \t]/.test(written) && /^[ \t]*[\r\n]/.test(old.slice(note.length));
  if (typeof value !== "string" && isBlockList && value.length > 0) {
    const items = value.map(
      (item) => `${eol}${dashes?.[1] ?? ""}- ${renderScalar(item, scalarStyleOf(written.slice(1).trim()))}`,
    );
    return source.slice(0, entry.colon) + note + items.join("") + source.slice(entry.end);
  }
  const rendered =
    typeof value === "string" ? renderScalar(value, scalarStyleOf(written)) : renderFlowList(value, written);
  return `${source.slice(0, entry.colon)} ${rendered}${note}${source.slice(entry.end)}`;
}

function renderEntry(key: string, value: string | readonly string[], indent: string, eol: string): string {
  const name = renderScalar(key, "plain");
  if (typeof value === "string") return `${indent}${name}: ${renderScalar(value, "plain")}`;
  return `${indent}${name}: ${renderFlowList(value, "")}`.replaceAll("\n", eol);
}

function renderFlowList(items: readonly string[], old: string): string {
  const style = scalarStyleOf(old.replace(/^\[\s*/, ""));
  return `[${items.map((item) => renderScalar(item, style)).join(", ")}]`;
}

/** The changed keys read back as asked, all others and the body as before. */
function isFaithful(before: Frontmatter, after: Frontmatter, changes: FrontmatterChanges): boolean {
  if (before.body !== after.body) return false;
  const keys = new Set([...Object.keys(before.data), ...Object.keys(after.data), ...Object.keys(changes)]);
  return [...keys].every((key) => {
    if (!Object.hasOwn(changes, key)) return isDeepStrictEqual(before.data[key], after.data[key]);
    const wanted = changes[key];
    return wanted === undefined ? !Object.hasOwn(after.data, key) : isSame(after.data[key], wanted);
  });
}

function isSame(held: unknown, wanted: string | readonly string[] | undefined): boolean {
  return isDeepStrictEqual(held, typeof wanted === "object" ? [...wanted] : wanted);
}

function unsupported(): KnowledgeError {
  return new KnowledgeError(
    "unsupported",
    "The frontmatter of this file is laid out so that it cannot be changed without touching the rest.",
    {
      hint: "Edit the frontmatter by hand: one `key: value` a line between two lines of three dashes.",
    },
  );
}
