/** What a caller is told beside the row that was written; absent when there is nothing to tell. */
export interface WritingNotes {
  /** Kinds of secrets that were taken out. */
  readonly redacted?: readonly string[];
  /** What of it cannot be done or found, one sentence each. */
  readonly warnings?: readonly string[];
}

export function notesOf(redacted: readonly string[], warnings: readonly string[]): WritingNotes {
  return { ...(redacted.length > 0 && { redacted }), ...(warnings.length > 0 && { warnings }) };
}

/** Said of a document with more passages than are searched. @param what such as `file` */
export function leftOutWarnings(
  what: "file" | "document",
  { passages, leftOut }: { readonly passages: number; readonly leftOut: number },
): readonly string[] {
  if (leftOut === 0) return [];
  return [
    `Only its first ${counted(passages)} passages can be found; the other ${counted(leftOut)} can be read, but not searched. Split the ${what} to have all of it found.`,
  ];
}

function counted(count: number): string {
  return count.toLocaleString("en-US");
}
