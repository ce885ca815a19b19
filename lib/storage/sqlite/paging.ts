import { COUNT_LIMIT, type Page, type PageRequest } from "../../domain/page.ts";
import { cutPage, type Order, type Ordered, startOf } from "../neutral/paging.ts";
import { LAST } from "./rows.ts";

/**
 * An ordered answer, read part by part: a part is one project, or one value of an indexed column in one
 * project, so that each part is read along an index; parts do not overlap.
 */
export interface Answer<Item, Part> extends Ordered<Item> {
  readonly parts: readonly Part[];
  /** Up to `limit` items of a part that come after a key, in order. */
  readonly read: (part: Part, after: readonly string[], limit: number) => readonly Item[];
  /** How many items a part has, counted up to `limit`. */
  readonly count: (part: Part, limit: number) => number;
}

/** One page of an answer: the parts' first items merged, cut, and counted to {@link COUNT_LIMIT}. */
export function readPage<Item, Part>(answer: Answer<Item, Part>, request: PageRequest): Page<Item> {
  const after = startOf(answer, request) ?? answer.order.map(beforeAll);
  const found = answer.parts.flatMap((part) => answer.read(part, after, request.limit + 1));
  return cutPage(answer, found, countAll(answer), request);
}

function beforeAll({ descending }: Order): string {
  return descending ? LAST : "";
}

function countAll<Item, Part>({ parts, count }: Answer<Item, Part>): number {
  let total = 0;
  for (const part of parts) {
    if (total > COUNT_LIMIT) break;
    total += count(part, COUNT_LIMIT + 1 - total);
  }
  return total;
}
