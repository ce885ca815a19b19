import { KnowledgeError } from "./error.ts";

/** A place in an ordered answer as opaque text: the kind of answer and the sort key of the last row seen. */
export function renderCursor(answer: string, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([answer, ...key])).toString("base64url");
}

/**
 * The sort key in a cursor, or `undefined` without a cursor.
 * @throws KnowledgeError `invalid_input` for text that no such answer gave.
 */
export function parseCursor(
  answer: string,
  length: number,
  cursor: string | undefined,
): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const parts = decoded(cursor);
  if (parts?.length === length + 1 && parts[0] === answer) return parts.slice(1);
  throw new KnowledgeError("invalid_input", "The cursor does not belong to this query.", {
    field: "cursor",
    hint: "Leave the cursor out to start at the first page, and keep the same sort from page to page.",
  });
}

function decoded(cursor: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) && value.every((part) => typeof part === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
