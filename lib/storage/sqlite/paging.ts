import { parseCursor, renderCursor } from "../../domain/cursor.ts";
import { COUNT_LIMIT, type Page, type PageRequest } from "../../domain/page.ts";
import { LAST } from "./rows.ts";

/** One column of an order. The last one is always `id`. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/**
 * An ordered answer, read part by part: a part is one project, or one value of an indexed column in one
 * project, so that each part is read along an index; parts do not overlap.
 */
export interface Answer<Item, Part> {
  /** Names kind and sort in cursors. */
  readonly name: string;
  readonly order: readonly Order[];
  readonly parts: readonly Part[];
  /** The item's values of the order's columns. */
  readonly keyOf: (item: Item) => readonly string[];
  /** Up to `limit` items of a part that come after a key, in order. */
  readonly read: (part: Part, after: readonly string[], limit: number) => readonly Item[];
  /** How many items a part has, counted up to `limit`. */
  readonly count: (part: Part, limit: number) => number;
}

/** One page of an answer: the parts' first items merged, cut, and counted to {@link COUNT_LIMIT}. */
export function readPage<Item, Part>(answer: Answer<Item, Part>, request: PageRequest): Page<Item> {
  const { name, order, parts, keyOf } = answer;
  const after = parseCursor(name, order.length, request.cursor) ?? order.map(beforeAll);
  const found = parts.flatMap((part) => answer.read(part, after, request.limit + 1));
  if (parts.length > 1) found.sort((a, b) => compareKeys(order, keyOf(a), keyOf(b)));
  const items = found.slice(0, request.limit);
  const last = items.at(-1);
  const total = countAll(answer);
  return {
    count: Math.min(total, COUNT_LIMIT),
    countExact: total <= COUNT_LIMIT,
    items,
    ...(found.length > items.length && last !== undefined && { nextCursor: renderCursor(name, keyOf(last)) }),
  };
}

/** The condition "comes after this key"; binds {@link keysetValues}. All columns but `id` go one way. */
export function keysetSql(order: readonly Order[]): string {
  const columns = order.slice(0, -1).map(({ column }) => column);
  const id = order.at(-1);
  const way = order[0]?.descending === true ? "<" : ">";
  const left = columns.length === 1 ? columns[0] : `(${columns.join(", ")})`;
  const right = columns.length === 1 ? "?" : `(${columns.map(() => "?").join(", ")})`;
  const idWay = id?.descending === true ? "<" : ">";
  return `${left} ${way}= ${right} AND (${left} ${way} ${right} OR id ${idWay} ?)`;
}

export function keysetValues(after: readonly string[]): readonly string[] {
  const columns = after.slice(0, -1);
  return [...columns, ...columns, ...after.slice(-1)];
}

export function orderSql(order: readonly Order[]): string {
  return order.map(({ column, descending }) => `${column}${descending ? " DESC" : ""}`).join(", ");
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

function compareKeys(order: readonly Order[], a: readonly string[], b: readonly string[]): number {
  for (const [i, { descending }] of order.entries()) {
    const difference = compareBytes(a[i] ?? "", b[i] ?? "");
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}

/** The order of SQLite's BINARY collation: by UTF-8 bytes. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
