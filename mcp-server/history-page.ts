import type { RowHistory } from "../lib/knowledge/history.ts";
import { type OffsetRequest, offsetPage } from "./offset-page.ts";
import { shortenToFit } from "./shorten.ts";

/** Share of the budget that the row as it stood may take beside the entries. */
const ROW_SHARE = 0.6;

/** A page of a row's history; the row as it stood at a time, when asked for, comes with the first page. */
export function pageOfHistory(
  history: RowHistory,
  request: OffsetRequest & { readonly maxTokens: number },
): { readonly entries: readonly object[] } {
  const { entries, asOf, ...fields } = history;
  const { items, nextCursor } = offsetPage(entries, request);
  const past = asOf === undefined || request.cursor !== undefined ? undefined : asOf;
  return {
    ...fields,
    entries: items,
    ...(past !== undefined && {
      asOf: { ...past, row: shortenToFit(past.row, Math.floor(request.maxTokens * ROW_SHARE)) },
    }),
    ...(nextCursor !== undefined && { nextCursor }),
  };
}
