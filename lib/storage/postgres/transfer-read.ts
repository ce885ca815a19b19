import { grouped } from "../../domain/grouped.ts";
import { keyOfRecord } from "../../domain/record-order.ts";
import {
  type RecordKind,
  type RecordOf,
  spaceKey,
  type TransferRecord,
} from "../../domain/transfer-record.ts";
import type { ReadOptions, RecordCounts, TransferBatch } from "../contract/transfer.ts";
import { readableRecords } from "../neutral/readable-records.ts";
import { CHANGE_LISTINGS, LISTINGS, type Listing, TABLES } from "../neutral/transfer-listings.ts";
import type { Client, RawRow } from "./driver.ts";
import { selectSpaces } from "./spaces.ts";
import { completed } from "./transfer-complete.ts";
import { base64Of } from "./vector-bytes.ts";

/** Bytes after which a batch ends early, whatever its limit. */
const BATCH_BYTES = 4_000_000;

/** Columns by table, where the schema may be an older one. None: all that this program knows. */
export type Present = ReadonlyMap<string, ReadonlySet<string>>;

interface Reading extends ReadOptions {
  readonly present?: Present | undefined;
}

/** What of the schema there is. */
export async function readPresent(client: Client): Promise<Present> {
  const rows = await client.rows(
    `SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  const columns = grouped(rows, ([table]) => String(table));
  return new Map([...columns].map(([table, of]) => [table, new Set(of.map(([, column]) => String(column)))]));
}

/** The records of a kind after a key; see `Transfer.read`. An older schema has none of a kind that came later. */
export async function readRecords(
  client: Client,
  kind: RecordKind,
  options: Reading,
): Promise<TransferBatch> {
  if (!isPresent(kind, options.present)) return { records: [] };
  switch (kind) {
    case "space":
      return { records: await spaceRecords(client) };
    case "change":
      return readChanges(client, options);
    case "vector":
      return readVectors(client, options);
    default: {
      const { rows, next } = await readRows(client, LISTINGS[kind], options);
      const { records, unread } = readableRecords<TransferRecord>(LISTINGS[kind], rows);
      return { records: await completed(client, records), ...nextOf(next), unread };
    }
  }
}

/** What stands under the keys of records, by {@link nameOf}; one statement for all of them. */
export async function findRecords<Record extends TransferRecord>(
  client: Client,
  { table, columns, key, make }: Listing<Record>,
  records: readonly Record[],
): Promise<ReadonlyMap<string, Record>> {
  if (records.length === 0) return new Map();
  const keys = records.map(keyOfRecord);
  const wanted = key.map((column) => `?::${TYPES[column] ?? "text"}[]`).join(", ");
  const same = key.map((column) => `t.${column} = k.${column}`).join(" AND ");
  const rows = await client.rows(
    `SELECT ${columns.map((column) => `t.${column}`).join(", ")}
     FROM unnest(${wanted}) AS k (${key.join(", ")}) JOIN ${table} t ON t.tenant_id = ? AND ${same}`,
    ...key.map((_, i) => keys.map((values) => String(values[i]))),
    client.tenant,
  );
  const found = await completed(client, rows.map(make));
  return new Map(found.map((record) => [nameOf(record), record]));
}

/** A record's key as one text. */
export function nameOf(record: TransferRecord): string {
  return JSON.stringify(keyOfRecord(record));
}

/** Spaces that have vectors which can be seen, by their keys. */
async function spaceRecords(client: Client): Promise<readonly RecordOf<"space">[]> {
  const rows = await client.rows(
    `SELECT s.id FROM spaces s WHERE s.tenant_id = ? AND EXISTS (
       SELECT 1 FROM vectors v WHERE v.tenant_id = s.tenant_id AND v.space_id = s.id)`,
    client.tenant,
  );
  const used = new Set(rows.map(([id]) => Number(id)));
  return (await selectSpaces(client))
    .filter(({ id }) => used.has(id))
    .map(({ id: _, ...space }) => ({ record: "space" as const, id: spaceKey(space), ...space }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function countRecords(client: Client, present?: Present): Promise<RecordCounts> {
  // SAFETY: the keys of TABLES are kinds of records; Object.entries widens them to string.
  const all = Object.entries(TABLES) as [keyof typeof TABLES, string][];
  const tables = all.filter(([kind]) => isPresent(kind, present));
  const counts = tables.map(([, table]) => `(SELECT count(*) FROM ${table} WHERE tenant_id = ?)`);
  const [row = []] = await client.rows(`SELECT ${counts.join(", ")}`, ...tables.map(() => client.tenant));
  const none = Object.fromEntries(all.map(([kind]) => [kind, 0]));
  const counted = Object.fromEntries(tables.map(([kind], i) => [kind, Number(row[i])]));
  const spaces = isPresent("space", present) ? (await spaceRecords(client)).length : 0;
  // SAFETY: TABLES has every kind but `space`.
  return { ...none, ...counted, space: spaces } as RecordCounts;
}

function isPresent(kind: RecordKind, present: Present | undefined): boolean {
  if (present === undefined) return true;
  return kind === "space" ? present.has("spaces") && present.has("vectors") : present.has(TABLES[kind]);
}

interface RowsRead {
  readonly rows: readonly RawRow[];
  /** Key of the last row when there may be more. */
  readonly next?: RawRow | undefined;
}

type Place = Pick<Listing<TransferRecord>, "table" | "columns" | "key" | "where" | "heavy">;

/** The columns of the next rows of a listing, which may come to some megabytes. */
export async function readRows(
  client: Client,
  listing: Place,
  { after, limit, present }: Reading,
): Promise<RowsRead> {
  const { table, columns, key, where = "true" } = listing;
  const start = after === undefined ? undefined : keyIn(after);
  const beyond = start === undefined ? "true" : `(${key.join()}) > (${key.map(() => "?").join()})`;
  const select = (what: string, most: number) =>
    client.rows(
      `SELECT ${what} FROM ${table} WHERE tenant_id = ? AND ${where} AND ${beyond} ORDER BY ${key.join()} LIMIT ?`,
      client.tenant,
      ...(start ?? []),
      most,
    );
  const most = listing.heavy.length === 0 ? limit : fitting(await select(sizeSql(listing), limit), limit);
  const known = present?.get(table);
  const there = columns.map((column) => (known === undefined || known.has(column) ? column : "NULL"));
  const rows = await select([...there, ...key].join(), most);
  if (rows.length < most || rows.length === 0) return { rows };
  return { rows, next: rows.at(-1)?.slice(columns.length) };
}

/** A row's large values in bytes, without touching them. */
function sizeSql({ heavy }: Place): string {
  return heavy.map((column) => `octet_length(${column}${column === "data" ? "::text" : ""})`).join(" + ");
}

/** How many of the next rows come to some megabytes. */
function fitting(sizes: readonly RawRow[], limit: number): number {
  let bytes = 0;
  for (const [i, [size]] of sizes.entries()) {
    bytes += Number(size);
    if (bytes > BATCH_BYTES) return i + 1;
  }
  return limit;
}

/** What is sealed, then what is not. */
async function readChanges(client: Client, { after, limit, present }: Reading): Promise<TransferBatch> {
  const [part, start] = after === undefined ? [0] : partIn(after);
  const listing = CHANGE_LISTINGS[part];
  if (listing === undefined) return { records: [] };
  const { rows, next } = await readRows(client, listing, { after: start, limit, present });
  const key = next === undefined ? undefined : JSON.stringify(next);
  const more = key !== undefined || part + 1 < CHANGE_LISTINGS.length;
  const position = key === undefined ? [part + 1] : [part, key];
  return { records: rows.map(listing.make), ...(more && { next: JSON.stringify(position) }) };
}

/** The vectors of the next passages. */
async function readVectors(client: Client, options: Reading): Promise<TransferBatch> {
  const { key } = LISTINGS.passage;
  const { rows, next } = await readRows(
    client,
    { table: "chunks", columns: [...key, "id"], key, heavy: [] },
    options,
  );
  const keys = new Map((await selectSpaces(client)).map(({ id, ...space }) => [id, spaceKey(space)]));
  const places = new Map(rows.map((row, place) => [Number(row[4]), { row, place }]));
  const found = await Promise.all(
    [...grouped(rows, ([project]) => String(project))].map(([project, of]) =>
      client.rows(
        // With the project said, one partition is read.
        `SELECT chunk_id, space_id, text_hash, vector_send(embedding) FROM vectors
         WHERE tenant_id = ? AND project_id = ? AND chunk_id = ANY (?::bigint[])`,
        ...[client.tenant, project, of.map((row) => Number(row[4]))],
      ),
    ),
  );
  const placeOf = ([chunk]: RawRow) => places.get(Number(chunk))?.place ?? 0;
  const vectors = found.flat().sort((a, b) => placeOf(a) - placeOf(b));
  const records = vectors.map(([chunk, space, textHash, sent]) => {
    const [project, kind, id, ordinal] = places.get(Number(chunk))?.row ?? [];
    const embedding = base64Of(sent);
    const of = { record: "vector", project, kind, id, ordinal: Number(ordinal) };
    return { ...of, space: keys.get(Number(space)) ?? "", textHash, embedding };
  });
  // SAFETY: the columns' types and CHECKs hold every value to its type.
  const typed = records as unknown as readonly RecordOf<"vector">[];
  return { records: inSpaceOrder(typed), ...nextOf(next) };
}

/** Vectors come passage by passage; those of one passage are put in the order of their spaces. */
function inSpaceOrder(vectors: readonly RecordOf<"vector">[]): readonly RecordOf<"vector">[] {
  const placed = vectors.map((vector, i) => ({ vector, i }));
  const isSame = (a: RecordOf<"vector">, b: RecordOf<"vector">) =>
    a.id === b.id && a.ordinal === b.ordinal && a.kind === b.kind && a.project === b.project;
  return placed
    .sort((a, b) => (isSame(a.vector, b.vector) ? (a.vector.space < b.vector.space ? -1 : 1) : a.i - b.i))
    .map(({ vector }) => vector);
}

/** Types of key columns that are not text. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ id: "uuid", project_id: "uuid", row_id: "uuid", store_id: "uuid", owner_id: "uuid" },
  ...{ revision: "int", ordinal: "int", from_seq: "bigint" },
};
function nextOf(key: RawRow | undefined): { readonly next?: string } {
  return key === undefined ? {} : { next: JSON.stringify(key) };
}

function keyIn(text: string): readonly (string | number)[] {
  // SAFETY: keys are the caller's only to hand back; `readRows` wrote this one.
  return JSON.parse(text) as readonly (string | number)[];
}

function partIn(text: string): readonly [part: number, start?: string] {
  // SAFETY: keys are the caller's only to hand back; `readChanges` wrote this one.
  return JSON.parse(text) as readonly [number, string?];
}
