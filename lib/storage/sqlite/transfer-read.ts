import { DEFAULT_TENANT, type Kind } from "../../domain/ids.ts";
import {
  type RecordKind,
  type RecordOf,
  spaceKey,
  type TransferRecord,
} from "../../domain/transfer-record.ts";
import type { ReadOptions, RecordCounts, TransferBatch } from "../contract/transfer.ts";
import { readableRecords } from "../neutral/readable-records.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { CHANGE_LISTINGS, LISTINGS, type Listing, TABLES } from "../neutral/transfer-listings.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { selectSpaces } from "./spaces.ts";
import { bytesOf } from "./vectors.ts";

const TENANT = `tenant_id = '${DEFAULT_TENANT}'`;
/** Characters after which a batch ends early, whatever its limit. */
const BATCH_CHARACTERS = 4_000_000;

/** The records of a kind after a key; see `Transfer.read`. */
export function readRecords(db: Database, kind: RecordKind, options: ReadOptions): TransferBatch {
  switch (kind) {
    case "space":
      return { records: spaceRecords(db) };
    case "change":
      return readChanges(db, options);
    case "vector":
      return readVectors(db, options);
    default: {
      const { rows, next } = readRows(db, LISTINGS[kind], options);
      const { records, unread } = readableRecords<TransferRecord>(LISTINGS[kind], rows);
      return { records: records.map((record) => complete(db, record)), ...nextOf(next), unread };
    }
  }
}

/** The one record of a listing under a key, or `undefined`. */
export function findRecord<Record extends TransferRecord>(
  db: Database,
  { table, columns, key, make }: Listing<Record>,
  values: readonly Bindable[],
): Record | undefined {
  const sql = `SELECT ${columns.join(", ")} FROM ${table}
    WHERE ${TENANT} AND ${key.map((column) => `${column} = ?`).join(" AND ")}`;
  const row = db.prepare(sql).raw(...values)[0];
  return row === undefined ? undefined : complete(db, make(row));
}

/** Spaces that have vectors, by their keys. */
function spaceRecords(db: Database): readonly RecordOf<"space">[] {
  const used = db.prepare(`SELECT 1 FROM vectors WHERE ${TENANT} AND space_id = ? LIMIT 1`);
  return selectSpaces(db)
    .filter(({ id }) => used.get(id) !== undefined)
    .map(({ id: _, ...space }) => ({ record: "space" as const, id: spaceKey(space), ...space }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function countRecords(db: Database): RecordCounts {
  const count = (table: string) =>
    Number(db.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${TENANT}`).get()?.n);
  const counts = Object.fromEntries(Object.entries(TABLES).map(([kind, table]) => [kind, count(table)]));
  // SAFETY: TABLES has every kind but `space`.
  return { ...counts, space: spaceRecords(db).length } as RecordCounts;
}

interface RowsRead {
  readonly rows: readonly RawRow[];
  /** Key of the last row when there may be more. */
  readonly next?: readonly Bindable[] | undefined;
}

function readRows(
  db: Database,
  listing: Pick<Listing<TransferRecord>, "table" | "columns" | "key" | "where">,
  { after, limit }: ReadOptions,
): RowsRead {
  const { table, columns, key, where = "true" } = listing;
  const start = after === undefined ? undefined : keyIn(after);
  const beyond = start === undefined ? "true" : `(${key.join()}) > (${key.map(() => "?").join()})`;
  const sql = `SELECT ${[...columns, ...key].join()} FROM ${table}
    WHERE ${TENANT} AND ${where} AND ${beyond} ORDER BY ${key.join()} LIMIT ?`;
  const rows: RawRow[] = [];
  let characters = 0;
  for (const row of db.prepare(sql).iterate(...(start ?? []), limit)) {
    rows.push(row);
    characters += sizeOf(row);
    if (characters > BATCH_CHARACTERS) break;
  }
  if (rows.length < limit && characters <= BATCH_CHARACTERS) return { rows };
  return { rows, next: keyValues(rows.at(-1)?.slice(columns.length)) };
}

/** What is sealed, then what is not. */
function readChanges(db: Database, { after, limit }: ReadOptions): TransferBatch {
  const [part, start] = after === undefined ? [0] : partIn(after);
  const listing = CHANGE_LISTINGS[part];
  if (listing === undefined) return { records: [] };
  const { rows, next } = readRows(db, listing, { after: start, limit });
  const key = next === undefined ? undefined : JSON.stringify(next);
  const more = key !== undefined || part + 1 < CHANGE_LISTINGS.length;
  const position = key === undefined ? [part + 1] : [part, key];
  return { records: rows.map(listing.make), ...(more && { next: JSON.stringify(position) }) };
}

/** The vectors of the next passages. */
function readVectors(db: Database, options: ReadOptions): TransferBatch {
  const { key } = LISTINGS.passage;
  const places = { table: "chunks", columns: [...key, "id"], key };
  const { rows, next } = readRows(db, places, options);
  const keys = new Map(selectSpaces(db).map(({ id, ...space }) => [id, spaceKey(space)]));
  const select = db.prepare(
    `SELECT space_id, text_hash, embedding FROM vectors WHERE ${SCOPE} AND chunk_id = ?`,
  );
  const records = rows.flatMap(([project, kind, id, ordinal, chunk]) =>
    select
      .raw(project ?? null, chunk ?? null)
      .map(([space, textHash, embedding]) => ({
        ...{ record: "vector", project, kind, id, ordinal, space: keys.get(Number(space)) ?? "", textHash },
        embedding: Buffer.from(bytesOf(embedding)).toString("base64"),
      }))
      .sort((a, b) => (a.space < b.space ? -1 : 1)),
  );
  // SAFETY: STRICT columns and CHECKs hold every value to its type.
  return { records: records as unknown as readonly TransferRecord[], ...nextOf(next) };
}

/** Adds what stands in other tables. */
export function complete<Record extends TransferRecord>(db: Database, record: Record): Record {
  switch (record.record) {
    case "project": {
      const list = (column: "key" | "root") =>
        db
          .prepare(`SELECT ${column} FROM project_${column}s WHERE ${SCOPE} ORDER BY position`)
          .raw(record.id)
          .map(([text]) => String(text));
      return { ...record, keys: list("key"), roots: list("root") };
    }
    case "plan": {
      const links = db
        .prepare(`SELECT rel, target FROM plan_links WHERE ${SCOPE} AND plan_id = ? ORDER BY position`)
        .raw(record.project, record.id);
      return {
        ...record,
        links: links.map(([rel, target]) => ({ rel: String(rel), target: String(target) })),
      };
    }
    case "passage":
      return { ...record, ownerHash: ownerHash(db, record) };
    default:
      return record;
  }
}

function ownerHash(db: Database, { kind, project, id }: { kind: Kind; project: string; id: string }): string {
  // A kind that there is not is told by whoever judges the record.
  if (!Object.hasOwn(SHAPES, kind)) return "";
  const sql = `SELECT content_hash FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND id = ?`;
  return String(db.prepare(sql).raw(project, id)[0]?.[0] ?? "");
}

function sizeOf(row: RawRow): number {
  let size = 0;
  for (const value of row) {
    if (typeof value === "string" || value instanceof Uint8Array) size += value.length;
  }
  return size;
}

function nextOf(key: readonly Bindable[] | undefined): { readonly next?: string } {
  return key === undefined ? {} : { next: JSON.stringify(key) };
}

function keyValues(values: RawRow | undefined): readonly Bindable[] {
  return values ?? [];
}

function keyIn(text: string): readonly Bindable[] {
  // SAFETY: keys are the caller's only to hand back; `readRows` wrote this one.
  return JSON.parse(text) as readonly Bindable[];
}

function partIn(text: string): readonly [part: number, start?: string] {
  // SAFETY: keys are the caller's only to hand back; `readChanges` wrote this one.
  return JSON.parse(text) as readonly [number, string?];
}
