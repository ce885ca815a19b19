/**
 * The mark that stands where a secret stood, in two spellings: `[redacted:<pattern>]` as it is stored, and a
 * sealed one whose brackets mean nothing to YAML and Markdown, so that a redacted text is still read as it
 * was meant.
 */
const OPEN = "\uE000";
const CLOSE = "\uE001";

/** A text that is one mark, sealed or not. */
export const MARK = /^(?:\[redacted:[a-z-]+\]|\uE000redacted:[a-z-]+\uE001)$/;

export function sealedMark(pattern: string): string {
  return `${OPEN}redacted:${pattern}${CLOSE}`;
}

/** The text with its sealed marks as they are stored. */
export function openMarks(text: string): string {
  if (!text.includes(OPEN)) return text;
  return text.replace(/\uE000(redacted:[a-z-]+)\uE001/g, "[$1]");
}
