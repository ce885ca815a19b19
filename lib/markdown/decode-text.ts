import { isUtf8 } from "node:buffer";
import { splitLines } from "./lines.ts";
import type { TextWarning } from "./text-warning.ts";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be";

/** A file's bytes as text. */
export interface TextFile {
  /** With its byte order mark, so that a patched text is written back as it was; empty where there is a problem. */
  readonly text: string;
  /** What a file hash is made of. */
  readonly bytes: Uint8Array;
  readonly encoding: TextEncoding;
  readonly warnings: readonly TextWarning[];
  /** Why the file is no text, as a sentence. */
  readonly problem?: string;
}

/** A text may hold this share of bytes that no text has. */
const BINARY_SHARE = 0.3;

/** The text of a file's bytes: UTF-8, or UTF-16 with a byte order mark. Bytes that are no UTF-8 become U+FFFD with a warning. */
export function decodeText(bytes: Uint8Array): TextFile {
  const marked = markedEncoding(bytes);
  if (marked !== undefined) {
    const text = new TextDecoder(marked, { ignoreBOM: true }).decode(bytes);
    const warnings = [
      { line: 1, reason: `The file is ${marked.toUpperCase()}; UTF-8 is what other tools expect.` },
    ];
    return { text, bytes, encoding: marked, warnings };
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const isValid = isUtf8(bytes);
  const strange =
    controlCharacters(bytes) +
    (isValid ? 0 : Math.max(0, count(text, "\uFFFD") - encodedReplacements(bytes)));
  if (strange > bytes.length * BINARY_SHARE) {
    return {
      text: "",
      bytes,
      encoding: "utf-8",
      warnings: [],
      problem: isValid
        ? "It is not text: it holds NUL bytes or other control characters."
        : "It is not text: too many of its bytes are no UTF-8 characters.",
    };
  }
  return { text, bytes, encoding: "utf-8", warnings: isValid ? [] : [invalidBytes(text)] };
}

function markedEncoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** NUL and other bytes below space that text does not use. */
function controlCharacters(bytes: Uint8Array): number {
  let found = 0;
  for (const byte of bytes) {
    if (byte < 32 && (byte < 8 || byte > 13) && byte !== 27) found += byte === 0 ? 8 : 1;
  }
  return found;
}

function count(text: string, char: string): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) found++;
  return found;
}

/** U+FFFD that the file itself holds, properly encoded. */
function encodedReplacements(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let found = 0;
  for (let at = buffer.indexOf("efbfbd", 0, "hex"); at >= 0; at = buffer.indexOf("efbfbd", at + 3, "hex"))
    found++;
  return found;
}

function invalidBytes(text: string): TextWarning {
  const lines = splitLines(text).filter((line) => text.slice(line.start, line.end).includes("\uFFFD"));
  const line = lines[0]?.number ?? 1;
  const places = lines.length > 1 ? `${lines.length} lines, first in line ${line}` : `line ${line}`;
  return { line, reason: `Bytes that are no UTF-8 in ${places} were read as U+FFFD.` };
}
