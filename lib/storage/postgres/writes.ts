import type { StoredEvent } from "../../domain/document.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { wellFormed } from "../../domain/well-formed.ts";
import type { DraftRow, Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { holdable, holdableChunk } from "../neutral/holdable.ts";
import { changedMeanwhile, foreignRow, unknownProject } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client, Database } from "./driver.ts";
import { chooseNames } from "./identity.ts";
import { newEventsFrom, recordEvents } from "./new-events.ts";
import { openPassageWriter } from "./passages.ts";
import { putRow, type Standing, type Transaction } from "./put-row.ts";
import { SCOPE } from "./rows.ts";
import { supersede } from "./supersede.ts";
import { foldFrequencies } from "./term-frequencies.ts";

/** Does all writes in one transaction; see StorageAdapter.transaction. */
export async function writeAll(
  database: Database,
  context: WriteContext,
  writes: readonly Write[],
): Promise<readonly WriteResult[]> {
  if (writes.length === 0) return [];
  return database.write((client) => writeWithin(client, context, writes));
}

/** The same inside a transaction that does more. */
export async function writeWithin(
  client: Client,
  context: WriteContext,
  writes: readonly Write[],
): Promise<readonly WriteResult[]> {
  const passages = openPassageWriter(client, context.project);
  const transaction = { client, passages, context };
  const results: WriteResult[] = [];
  for (let i = 0; i < writes.length; i = results.length) {
    const events = newEventsFrom(context, writes, i);
    const recorded = events.length === 0 ? undefined : await recordEvents(transaction, events);
    if (recorded !== undefined) results.push(...recorded);
    else results.push(...(await writeEach(transaction, writes.slice(i, i + Math.max(1, events.length)))));
  }
  await passages.flush();
  if (isTurnToFold()) await foldFrequencies(client, context.project, FOLDED_TERMS);
  return results;
}

/** Every so many writes of a process fold what the others appended: readers add it up until then. */
const FOLD_EVERY = 250;
/** No write waits for more than some tenths of a second; the janitor folds all. */
const FOLDED_TERMS = 20_000;
// From anywhere, so that processes that write once take their turns too.
let turn = Math.floor(Math.random() * FOLD_EVERY);

function isTurnToFold(): boolean {
  turn = (turn + 1) % FOLD_EVERY;
  return turn === 0;
}

async function writeEach(
  transaction: Transaction,
  writes: readonly Write[],
): Promise<readonly WriteResult[]> {
  await requireProject(transaction.client, transaction.context.project);
  const results: WriteResult[] = [];
  for (const write of writes) results.push(await writeOne(transaction, write));
  return results;
}

async function writeOne(transaction: Transaction, write: Write): Promise<WriteResult> {
  const { client, context } = transaction;
  const draft = holdable(write.draft);
  const { project } = context;
  if (draft.row.project !== project) throw foreignRow(draft);
  const standing = await findStanding(client, project, draft);
  if ((standing?.revision ?? 0) !== write.expectedRevision) throw changedMeanwhile(draft, standing);
  const names =
    standing ??
    (await chooseNames(client, {
      kind: draft.kind,
      project,
      id: draft.row.id,
      slugs: write.slugs.map(wellFormed),
      refs: write.refs,
    }));
  const result = await putRow(transaction, draft, { operation: write.operation, standing, names });
  await writePassages(transaction, draft, { chunks: write.chunks, isNew: standing === undefined });
  if (draft.kind === "event") await supersede(transaction, draft.row);
  return result;
}

/** What stands under an id, tombstones included; nobody else changes it until this transaction ends. */
async function findStanding(
  client: Client,
  project: ProjectId,
  { kind, row }: DraftRow,
): Promise<Standing | undefined> {
  const columns = kind === "event" ? "revision, ref" : "revision, ref, slug";
  const [found] = await client.rows(
    `SELECT ${columns} FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND id = ? FOR UPDATE`,
    client.tenant,
    project,
    row.id,
  );
  if (found === undefined) return undefined;
  const [revision, ref, slug] = found;
  return { revision: Number(revision), ref: String(ref), ...(slug !== undefined && { slug: String(slug) }) };
}

async function writePassages(
  { passages }: Transaction,
  { kind, row }: DraftRow,
  { chunks, isNew }: { readonly chunks: Write["chunks"]; readonly isNew: boolean },
): Promise<void> {
  if (row.deletedAt !== undefined) await passages.replace(kind, row.id, []);
  else if (chunks === "keep") {
    if (kind === "event" && isHidden(row)) await passages.hide(kind, row.id);
  } else if (isNew) await passages.add(kind, row.id, chunks.map(holdableChunk));
  else await passages.replace(kind, row.id, chunks.map(holdableChunk));
}

function isHidden(event: Pick<StoredEvent, "supersededBy" | "retractedAt">): boolean {
  return event.supersededBy !== undefined || event.retractedAt !== undefined;
}

async function requireProject(client: Client, project: ProjectId): Promise<void> {
  const rows = await client.rows(
    "SELECT 1 FROM projects WHERE tenant_id = ? AND id = ?",
    client.tenant,
    project,
  );
  if (rows.length === 0) throw unknownProject(project);
}
