import { DEFAULT_TENANT, KINDS, type ProjectId } from "../../domain/ids.ts";
import { type RecordOf, spaceKey, type TransferRecord } from "../../domain/transfer-record.ts";
import type { RowName } from "../contract/transfer.ts";
import { CHANGE_BY_ROW, LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import type { Bindable, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { selectSpaces } from "./spaces.ts";
import { complete } from "./transfer-read.ts";
import { bytesOf } from "./vectors.ts";

/** Everything that belongs to rows; see `Transfer.ofRows`. */
export function readOfRows(db: Database, rows: readonly RowName[]): readonly TransferRecord[] {
  const spaces = new Map(selectSpaces(db).map(({ id, ...space }) => [id, spaceKey(space)]));
  return [
    ...KINDS.flatMap((kind) => {
      const of = rows.filter((row) => row.kind === kind);
      return of.flatMap((row) => under<TransferRecord>(db, LISTINGS[kind], [row.project, row.id]));
    }),
    ...rows.flatMap(({ project, kind, id }) => under(db, LISTINGS.revision, [project, kind, id])),
    ...rows.flatMap(({ project, kind, id }) => under(db, CHANGE_BY_ROW, [project, id, kind])),
    ...rows.flatMap(({ project, kind, id }) => under(db, LISTINGS.passage, [project, kind, id])),
    ...rows.flatMap((row) => vectorsOf(db, row, spaces)),
  ];
}

export function readSealsAfter(db: Database, project: ProjectId, seq: number): readonly RecordOf<"seal">[] {
  const { table, columns, make } = LISTINGS.seal;
  const sql = `SELECT ${columns.join()} FROM ${table} WHERE ${SCOPE} AND to_seq > ? ORDER BY store_id, from_seq`;
  return db.prepare(sql).raw(project, seq).map(make);
}

/** The records whose key begins with these values. */
function under<Record extends TransferRecord>(
  db: Database,
  { table, columns, key, make }: Listing<Record>,
  [project = null, ...values]: readonly Bindable[],
): readonly Record[] {
  const below = key.slice(1, values.length + 1).map((column) => `AND ${column} = ?`);
  const sql = `SELECT ${columns.join()} FROM ${table} WHERE ${SCOPE} ${below.join(" ")} ORDER BY ${key.join()}`;
  return db
    .prepare(sql)
    .raw(project, ...values)
    .map((row) => complete(db, make(row)));
}

function vectorsOf(
  db: Database,
  { project, kind, id }: RowName,
  spaces: ReadonlyMap<number, string>,
): readonly RecordOf<"vector">[] {
  const rows = db
    .prepare(
      `SELECT c.ordinal, v.space_id, v.text_hash, v.embedding FROM chunks c JOIN vectors v
         ON v.tenant_id = c.tenant_id AND v.project_id = c.project_id AND v.chunk_id = c.id
       WHERE c.tenant_id = '${DEFAULT_TENANT}' AND c.project_id = ? AND c.kind = ? AND c.owner_id = ? ORDER BY c.ordinal`,
    )
    .raw(project, kind, id);
  return rows.map(([ordinal, space, textHash, embedding]) => ({
    ...{ record: "vector", project, kind, id, ordinal: Number(ordinal), textHash: String(textHash) },
    ...{
      space: spaces.get(Number(space)) ?? "",
      embedding: Buffer.from(bytesOf(embedding)).toString("base64"),
    },
  }));
}
