import { expect } from "vitest";
import type { Page, PageRequest } from "../../../lib/domain/page.ts";

/** Reads a whole answer page by page and expects each page to say the same count. */
export async function readAllPages<Item>(
  limit: number,
  query: (request: PageRequest) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let page = await query({ limit });
  const { count } = page;
  for (;;) {
    expect(page.count).toBe(count);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === undefined) break;
    page = await query({ limit, cursor: page.nextCursor });
  }
  expect(items).toHaveLength(count);
  return items;
}
