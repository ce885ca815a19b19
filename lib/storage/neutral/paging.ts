import { parseCursor, renderCursor } from "../../domain/cursor.ts";
import { COUNT_LIMIT, type Page, type PageRequest } from "../../domain/page.ts";

/** One column of an order. The last one is always `id`. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** An ordered answer: the parts of it, each with the first items after a key, are merged into pages. */
export interface Ordered<Item> {
  /** Names kind and sort in cursors. */
  readonly name: string;
  readonly order: readonly Order[];
  /** The item's values of the order's columns. */
  readonly keyOf: (item: Item) => readonly string[];
}

/** The key after which the page begins; `undefined` for the first page. @throws KnowledgeError `invalid_input` */
export function startOf<Item>(answer: Ordered<Item>, request: PageRequest): readonly string[] | undefined {
  return parseCursor(answer.name, answer.order.length, request.cursor);
}

/**
 * A page of what all parts gave: merged, cut, and counted to {@link COUNT_LIMIT}.
 * @param found up to `limit + 1` items of each part, in order
 * @param total all items of all parts, counted at least to one beyond {@link COUNT_LIMIT}
 */
export function cutPage<Item>(
  { name, order, keyOf }: Ordered<Item>,
  found: readonly Item[],
  total: number,
  { limit }: PageRequest,
): Page<Item> {
  const sorted = [...found].sort((a, b) => compareKeys(order, keyOf(a), keyOf(b)));
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
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

function compareKeys(order: readonly Order[], a: readonly string[], b: readonly string[]): number {
  for (const [i, { descending }] of order.entries()) {
    const difference = compareBytes(a[i] ?? "", b[i] ?? "");
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}

/** The order of SQLite's BINARY and PostgreSQL's "C" collation: by UTF-8 bytes. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
