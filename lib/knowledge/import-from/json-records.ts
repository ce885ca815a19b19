import { readLines } from "../compressed-file.ts";
import type { Reading, Remark } from "./finding.ts";
import { isMembers, type Members, parsedJson } from "./foreign-value.ts";
import type { Place } from "./place.ts";

/** An object on a line of its own. */
export interface LineRecord {
  readonly line: number;
  readonly members: Members;
}

/** Longer lines are refused: they are no records of these tools. In bytes. */
const LONGEST_LINE = 64 * 1024 * 1024;

/**
 * The objects of a JSON Lines file one by one; a line that is none is a fault and stops nothing. Blank lines are
 * nothing. @throws KnowledgeError `unavailable` where the file cannot be read.
 */
export async function* readRecords(
  { onProgress }: Reading,
  { path, bytes: total }: Place,
): AsyncGenerator<LineRecord | Remark, void> {
  let done = 0;
  const onRead = (bytes: number) => {
    done += bytes;
    onProgress(Math.min(done, total), total);
  };
  for await (const { number: line, bytes, ended } of readLines(path, onRead)) {
    const text = bytes.length > LONGEST_LINE ? undefined : textOfLine(bytes);
    if (text === "") continue;
    const value = text === undefined ? undefined : parsedJson(text);
    if (isMembers(value)) yield { line, members: value };
    else yield { is: "fault", item: "line", line, reason: reasonOf(text, value, ended) };
  }
}

/** Without blanks and byte order mark around it; `undefined` for what is no UTF-8. */
function textOfLine(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}

function reasonOf(text: string | undefined, value: unknown, ended: boolean): string {
  if (text === undefined) return "is no UTF-8 text, or too long";
  if (value !== undefined) return "is JSON, but no object";
  return ended ? "is no JSON" : "is no JSON: the file ends in the middle of it";
}
