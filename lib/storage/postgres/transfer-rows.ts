import { grouped } from "../../domain/grouped.ts";
import { type ProjectId, refsOf } from "../../domain/ids.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import { takesRef, takesSlug } from "../neutral/missing-parts.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { decideRow } from "../neutral/transfer-decisions.ts";
import { LISTINGS, type Listing } from "../neutral/transfer-listings.ts";
import { replacementOf } from "../neutral/transfer-replacement.ts";
import { type ImportedRow, noteImported } from "./batches.ts";
import type { Client } from "./driver.ts";
import { writeLinks } from "./links.ts";
import { openPassageWriter } from "./passages.ts";
import { encodeRow, recordOf, SCOPE, updateSql } from "./rows.ts";
import { type Indexed, inProjects, type TransferBatch } from "./transfer-batch.ts";
import { insertChanges, insertRevisions } from "./transfer-history.ts";
import { findRecords, nameOf } from "./transfer-read.ts";

/** Plans with their links, sessions, patterns or events; all of one kind. Their passages come as records of their own. */
export async function writeRows<Row extends RowRecord>(
  batch: TransferBatch,
  given: readonly Indexed<Row>[],
): Promise<void> {
  const { client, options, tally } = batch;
  const records = await inProjects(batch, given);
  const [first] = records;
  if (first === undefined) return;
  // SAFETY: the listing of a record's kind makes records of that kind; all of these are of one kind.
  const listing = LISTINGS[first.record.record] as unknown as Listing<Row>;
  const standing = await findRecords(
    client,
    listing,
    records.map(({ record }) => record),
  );
  const added: Indexed<RowRecord>[] = [];
  const replaced: ImportedRow[] = [];
  for (const { record, index } of records) {
    const stands = standing.get(nameOf(record));
    if (!tally.decided(index, decideRow(record, stands, options.onConflict))) continue;
    tally.written();
    if (stands === undefined) added.push({ record, index });
    else if (options.dryRun !== true) {
      const row = await replaceRow(batch, record, stands);
      replaced.push({ row, before: stands.revision });
    }
  }
  if (options.dryRun === true) return;
  await insertRows(client, await named(batch, added));
  await noteImported(batch, [...added.map(({ record: row }) => ({ row, before: 0 })), ...replaced]);
}

/** Rows of one kind, none of which is there, under names that are free; how many there are now. */
export async function insertRows(client: Client, rows: readonly RowRecord[]): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const shape = SHAPES[first.record];
  const values = rows.map((row) => ({ tenant_id: client.tenant, ...recordOf(shape, row) }));
  const written = await client.run(
    `INSERT INTO ${shape.table} SELECT * FROM json_populate_recordset(NULL::${shape.table}, ?)`,
    JSON.stringify(values),
  );
  await insertLinks(client, rows);
  return written;
}

async function insertLinks(client: Client, rows: readonly RowRecord[]): Promise<void> {
  const links = rows.flatMap((row) =>
    row.record === "plan"
      ? row.links.map(({ rel, target }, position) => ({
          ...{ tenant_id: client.tenant, project_id: row.project, plan_id: row.id, position, rel, target },
        }))
      : [],
  );
  if (links.length === 0) return;
  await client.run(
    "INSERT INTO plan_links SELECT * FROM json_populate_recordset(NULL::plan_links, ?)",
    JSON.stringify(links),
  );
}

/** The old row's passages go with it; those of the new one come later. Gives the row as it stands then. */
async function replaceRow(
  { client, options }: TransferBatch,
  record: RowRecord,
  standing: RowRecord,
): Promise<RowRecord> {
  const { row, history } = replacementOf(record, standing, options);
  const shape = SHAPES[row.record];
  await client.run(updateSql(shape), ...encodeRow(shape, row), client.tenant, row.project, row.id);
  if (row.record === "plan") await writeLinks(client, row, row.links);
  const passages = openPassageWriter(client, row.project);
  await passages.replace(row.record, row.id, []);
  await passages.flush();
  if (history === undefined) return row;
  const { project, record: kind, id, revision } = row;
  await insertRevisions(client, [{ record: "revision", project, kind, id, revision, body: history.text }]);
  await insertChanges(client, [history.change]);
  return row;
}

/** With refs and slugs that are free. */
async function named(
  batch: TransferBatch,
  rows: readonly Indexed<RowRecord>[],
): Promise<readonly RowRecord[]> {
  const all: RowRecord[] = [];
  for (const [project, of] of grouped(rows, ({ record }) => record.project))
    all.push(...(await namedIn(batch, project, of)));
  return all;
}

async function namedIn(
  { client, tally }: TransferBatch,
  project: ProjectId,
  rows: readonly Indexed<RowRecord>[],
): Promise<readonly RowRecord[]> {
  const table = SHAPES[rows[0]?.record.record ?? "event"].table;
  const isFree = await openNames(client, { table, project }, rows);
  const result: RowRecord[] = [];
  for (const { record, index } of rows) {
    const refs = [record.ref, ...refsOf(record.record, record.id)];
    const ref = await firstFree(refs, (candidate) => isFree("ref", candidate));
    if (ref !== record.ref) tally.note(index, "adjusted", takesRef(ref));
    if (record.record === "event") {
      result.push({ ...record, ref });
      continue;
    }
    const slug = await firstFree(numbered(record.slug), (candidate) => isFree("slug", candidate));
    if (slug !== record.slug) tally.note(index, "adjusted", takesSlug(slug, record.slug));
    result.push({ ...record, ref, slug });
  }
  return result;
}

type IsFree = (column: "ref" | "slug", value: string) => Promise<boolean>;

/** Takes a name if it is free. Names that come are looked up at once; others, which few need, one by one. */
async function openNames(
  client: Client,
  { table, project }: { readonly table: string; readonly project: ProjectId },
  rows: readonly Indexed<RowRecord>[],
): Promise<IsFree> {
  const known = new Map<string, boolean>();
  const look = async (column: "ref" | "slug", names: readonly string[]) => {
    const found = await client.rows(
      `SELECT ${column} FROM ${table} WHERE ${SCOPE} AND ${column} = ANY (?::text[])`,
      ...[client.tenant, project, names],
    );
    const taken = new Set(found.map(([name]) => String(name)));
    for (const name of names) known.set(`${column} ${name}`, !taken.has(name));
  };
  await look("ref", [...new Set(rows.map(({ record }) => record.ref))]);
  const slugs = rows.flatMap(({ record }) => (record.record === "event" ? [] : record.slug));
  if (slugs.length > 0) await look("slug", [...new Set(slugs)]);
  return async (column, name) => {
    const key = `${column} ${name}`;
    if (!known.has(key)) await look(column, [name]);
    const free = known.get(key) === true;
    known.set(key, false);
    return free;
  };
}

function* numbered(slug: string): Iterable<string> {
  yield slug;
  for (let n = 2; ; n++) yield `${slug}~${n}`;
}

async function firstFree(
  names: Iterable<string>,
  isFree: (name: string) => Promise<boolean>,
): Promise<string> {
  let last = "";
  for (const name of names) {
    last = name;
    if (await isFree(name)) return name;
  }
  return last;
}
