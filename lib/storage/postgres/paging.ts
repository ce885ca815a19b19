import { COUNT_LIMIT, type Page, type PageRequest } from "../../domain/page.ts";
import { cutPage, keysetSql, keysetValues, type Ordered, orderSql, startOf } from "../neutral/paging.ts";
import type { Bindable, Client, Database, RawRow } from "./driver.ts";

/** A condition and what it binds. */
export type Condition = readonly [sql: string, ...values: readonly Bindable[]];

/**
 * An ordered answer whose parts are each read along an index: a part is one project, or one value of an
 * indexed column in one project. Parts do not overlap.
 */
export interface Answer<Item> extends Ordered<Item> {
  readonly table: string;
  /** For the SELECT. */
  readonly columns: string;
  /** The conditions of each part. */
  readonly parts: (client: Client) => readonly (readonly Condition[])[];
  readonly decode: (row: RawRow) => Item;
}

/** Parts that one statement reads at most: a longer one would be slow to plan. */
const PARTS_A_STATEMENT = 100;

/** One page of an answer: two statements for all parts of it, one for the items and one for the count. */
export async function readPage<Item>(
  database: Database,
  answer: Answer<Item>,
  request: PageRequest,
): Promise<Page<Item>> {
  const after = startOf(answer, request);
  return database.read(async (client) => {
    const parts = answer.parts(client);
    const found: Item[] = [];
    let total = 0;
    for (let i = 0; i < parts.length; i += PARTS_A_STATEMENT) {
      const some = parts.slice(i, i + PARTS_A_STATEMENT);
      found.push(...(await readItems(client, answer, some, { after, limit: request.limit + 1 })));
      if (total <= COUNT_LIMIT) total += await countItems(client, answer.table, some);
    }
    return cutPage(answer, found, total, request);
  });
}

interface Span {
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}

async function readItems<Item>(
  client: Client,
  { table, columns, order, decode }: Answer<Item>,
  parts: readonly (readonly Condition[])[],
  { after, limit }: Span,
): Promise<readonly Item[]> {
  const keyset: readonly Condition[] =
    after === undefined ? [] : [[keysetSql(order), ...keysetValues(after)]];
  const statements = parts.map((part) => {
    const conditions = [...part, ...keyset];
    const sql = `(SELECT ${columns} FROM ${table} WHERE ${allOf(conditions)}
      ORDER BY ${orderSql(order)} LIMIT ${limit})`;
    return { sql, values: valuesOf(conditions) };
  });
  const rows = await client.rows(
    statements.map(({ sql }) => sql).join(" UNION ALL "),
    ...statements.flatMap(({ values }) => values),
  );
  return rows.map(decode);
}

async function countItems(
  client: Client,
  table: string,
  parts: readonly (readonly Condition[])[],
): Promise<number> {
  const counts = parts.map(
    (part) =>
      `(SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${allOf(part)} LIMIT ${COUNT_LIMIT + 1}) n)`,
  );
  const [row] = await client.rows(`SELECT ${counts.join(" + ")}`, ...parts.flatMap(valuesOf));
  return Number(row?.[0]);
}

function allOf(conditions: readonly Condition[]): string {
  return conditions.map(([sql]) => sql).join(" AND ");
}

function valuesOf(conditions: readonly Condition[]): readonly Bindable[] {
  return conditions.flatMap(([, ...values]) => values);
}

/** A condition for a value that the filter gives, nothing without one. */
export function given<Value>(
  value: Value | undefined,
  make: (value: Value) => Condition,
): readonly Condition[] {
  return value === undefined ? [] : [make(value)];
}
