import { isCollection, isMap, isPair, isScalar, type Node, type Pair, parseDocument } from "yaml";
import type { FrontmatterEntry } from "./frontmatter-entries.ts";

/** The entries of a valid mapping by YAML's own account, or `undefined` where a key does not begin its line. */
export function locateEntries(source: string): readonly FrontmatterEntry[] | undefined {
  const document = parseDocument(source, { keepSourceTokens: true, uniqueKeys: false, logLevel: "silent" });
  const root = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return undefined;
  const entries = root.items.map((pair) => entryOf(source, pair));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function entryOf(source: string, pair: Pair): FrontmatterEntry | undefined {
  const colonToken = pair.srcToken?.sep?.find((token) => token.type === "map-value-ind");
  if (!isScalar(pair.key) || !pair.key.range || colonToken === undefined) return undefined;
  const start = lineStart(source, pair.key.range[0]);
  if (source.slice(start, pair.key.range[0]).trim() !== "") return undefined;
  const colon = colonToken.offset + 1;
  const end = Math.max(colon, isNode(pair.value) ? endOf(pair.value) : colon);
  return { key: String(pair.key.value), start, colon, end: trimmedEnd(source, colon, end), line: 0 };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

/** Behind the last character of a value; a block collection's own range would take in the comments behind it. */
function endOf(node: Node): number {
  if (!isCollection(node) || node.flow === true) return node.range?.[1] ?? 0;
  const last: unknown = node.items.at(-1);
  const values = isPair(last) ? [last.key, last.value] : [last];
  return Math.max(node.range?.[0] ?? 0, ...values.filter(isNode).map(endOf));
}

function lineStart(source: string, offset: number): number {
  return Math.max(source.lastIndexOf("\n", offset - 1), source.lastIndexOf("\r", offset - 1)) + 1;
}

function trimmedEnd(source: string, from: number, end: number): number {
  return from + source.slice(from, end).trimEnd().length;
}
