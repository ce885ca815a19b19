import type { DraftRow } from "../storage/contract/writes.ts";
import { redactJson } from "./redact.ts";

/** A row that may be written, and the kinds of secrets that were taken out of it. */
export interface RedactedDraft<Row extends DraftRow> {
  readonly draft: Row;
  /** Pattern names, each once, sorted. */
  readonly found: readonly string[];
}

/**
 * The last step before a row is written: secrets leave every text of it, its title, labels, path and links as
 * well as its content. What is derived from a row (slug, summary, file name, passages) is made afterwards.
 * @param redact false writes the row as it came
 */
export function redactDraft<Row extends DraftRow>(
  draft: Row,
  redact: boolean | undefined,
): RedactedDraft<Row> {
  if (redact === false) return { draft, found: [] };
  const { value: row, found } = redactJson(draft.row);
  return { draft: { ...draft, row }, found };
}

/** What a caller wants changed, without its secrets: they go neither into the row nor into its file. */
export function redactInput<T>(input: T, redact: boolean | undefined): ReturnType<typeof redactJson<T>> {
  return redact === false ? { value: input, found: [] } : redactJson(input);
}

/**
 * {@link redactDraft} for a change. A row that holds what looks like a secret was stored so on purpose
 * (`--no-redact`): another change to it does not take that out again, and what is new has been through
 * {@link redactInput}.
 */
export function redactChange<Row extends DraftRow>(
  before: DraftRow,
  after: Row,
  redact: boolean | undefined,
): RedactedDraft<Row> {
  const isKept = redact !== false && redactJson(before.row).found.length > 0;
  return redactDraft(after, isKept ? false : redact);
}
