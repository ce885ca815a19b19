import { KnowledgeError } from "../lib/domain/error.ts";

/** Rows of a page unless told, and at most, as for other lists. */
const LIMIT = 20;
const MOST = 1_000;

export interface OffsetRequest {
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** A part of a list that is at hand whole; its cursors are offsets. @throws KnowledgeError `invalid_input`. */
export function offsetPage<Item>(
  items: readonly Item[],
  request: OffsetRequest,
): { readonly items: readonly Item[]; readonly nextCursor?: string } {
  const { limit = LIMIT, cursor } = request;
  if (limit < 1 || limit > MOST) {
    throw new KnowledgeError(
      "invalid_input",
      `limit is ${limit}, which is not a whole number from 1 to ${MOST}.`,
      {
        field: "limit",
        hint: `Give a number from 1 to ${MOST}, for example ${LIMIT}.`,
      },
    );
  }
  const from = cursor === undefined ? 0 : Number(/^o(\d{1,9})$/.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(from) || from > items.length) {
    throw new KnowledgeError("invalid_input", "The cursor does not belong to this list.", {
      field: "cursor",
      hint: "Use nextCursor of the previous answer, or leave cursor out to begin.",
    });
  }
  const end = from + limit;
  return { items: items.slice(from, end), ...(end < items.length && { nextCursor: `o${end}` }) };
}
