import { isMap, isScalar, LineCounter, parseDocument, visit } from "yaml";

/** What YAML itself says about a mapping. Lines are 0-based in the source. */
export interface YamlMapping {
  readonly data: Readonly<Record<string, unknown>>;
  /** Keys given more than once, with the line of the one that counts: the last. */
  readonly duplicates: readonly { readonly key: string; readonly line: number }[];
}

export type YamlResult =
  | { readonly kind: "mapping"; readonly mapping: YamlMapping }
  | { readonly kind: "empty" }
  | { readonly kind: "other" }
  | { readonly kind: "broken"; readonly line: number; readonly reason: string };

/** More references than any hand-written block has; a document that multiplies itself stops here. */
const MAX_ALIASES = 100;

/**
 * Reads YAML 1.2 (core schema: dates stay text). Numbers that would not print as they were written
 * (`0.10`, `007`, `1e3`) stay text too. Never throws.
 */
export function readYaml(source: string): YamlResult {
  try {
    return readDocument(source);
  } catch (error) {
    return { kind: "broken", line: 0, reason: firstSentence(error) };
  }
}

function readDocument(source: string): YamlResult {
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { lineCounter, uniqueKeys: false, logLevel: "silent" });
  const error = document.errors[0];
  if (error !== undefined) {
    return { kind: "broken", line: lineCounter.linePos(error.pos[0]).line - 1, reason: firstSentence(error) };
  }
  if (document.contents === null) return { kind: "empty" };
  if (!isMap(document.contents)) return { kind: "other" };
  let aliases = 0;
  visit(document, {
    // Counted before any is followed: each is looked up in the whole document.
    Alias: () => {
      aliases += 1;
      if (aliases > MAX_ALIASES) throw new Error(`More than ${MAX_ALIASES} references`);
    },
    Scalar: (_key, node) => {
      const isOther = typeof node.value === "number" || typeof node.value === "bigint";
      if (isOther && node.source !== undefined && String(node.value) !== node.source)
        node.value = node.source;
    },
  });
  const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  if (!isRecord(data)) return { kind: "other" };
  const seen = new Set<string>();
  const duplicates: { key: string; line: number }[] = [];
  for (const { key } of document.contents.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name))
      duplicates.push({ key: name, line: lineCounter.linePos(key.range?.[0] ?? 0).line - 1 });
    seen.add(name);
  }
  return { kind: "mapping", mapping: { data, duplicates } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "").trim();
}
