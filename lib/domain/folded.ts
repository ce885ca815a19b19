/**
 * Text for comparisons without regard to case: NFKC, lower case, white space runs as one space. Made here
 * and not in SQL, because the engines fold letters beyond ASCII differently.
 */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Several texts folded, one a line: what a "contains" condition is tested against. */
export function foldedLines(texts: readonly string[]): string {
  return texts.map(folded).join("\n");
}
