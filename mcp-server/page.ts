import { countThatFits, jsonTokens } from "./fit.ts";
import { shortenToFit } from "./shorten.ts";

/**
 * A page within the budget: rows are dropped from its end, `omitted` says how many, and `nextCursor` goes on at the
 * first of them (it comes from asking again for just the rows that fit). A first row that is too big by itself
 * comes shortened, so that paging never stands still and never skips a row.
 */
export async function fitPage<
  Name extends string,
  Answer extends { readonly [Key in Name]: readonly object[] },
>(
  rows: Name,
  request: { readonly limit: number | undefined; readonly maxTokens: number },
  ask: (limit: number | undefined) => Promise<Answer>,
): Promise<object> {
  const { limit, maxTokens } = request;
  const whole = await ask(limit);
  if (jsonTokens(whole) <= maxTokens) return whole;
  const found = whole[rows].length;
  for (let kept = countThatFits(whole[rows], { ...whole, [rows]: [] }, maxTokens); kept > 0; kept--) {
    const page = await ask(kept);
    const answer = { ...page, omitted: found - page[rows].length };
    if (jsonTokens(answer) <= maxTokens) return answer;
  }
  const page = await ask(1);
  const frame = { ...page, [rows]: [], omitted: found - page[rows].length };
  const room = maxTokens - jsonTokens(frame) - 4;
  return { ...frame, [rows]: page[rows].map((row) => shortenToFit(row, room)) };
}
