import type { StoredEvent } from "../../domain/document.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import { wellFormed } from "../../domain/well-formed.ts";
import type { DraftRow, Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { holdable, holdableChunk } from "../neutral/holdable.ts";
import { changedMeanwhile, foreignRow, unknownProject } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { chooseNames } from "./identity.ts";
import type { PassageStore } from "./passages.ts";
import { putRow, type Standing, type Transaction } from "./put-row.ts";
import { SCOPE } from "./rows.ts";
import { supersede } from "./supersede.ts";
import type { Immediate } from "./sync.ts";

export interface WriteDeps {
  readonly db: Database;
  readonly immediate: Immediate;
  readonly passages: PassageStore;
}

/** Does all writes in one transaction; see StorageAdapter.transaction. */
export function writeAll(
  { db, immediate, passages }: WriteDeps,
  context: WriteContext,
  writes: readonly Write[],
): readonly WriteResult[] {
  if (writes.length === 0) return [];
  return immediate(
    () => writeWithin({ db, passages }, context, writes),
    () => passages.discard(),
  );
}

/** The same inside a transaction that does more; who began it discards the passages when it fails. */
export function writeWithin(
  { db, passages }: Pick<WriteDeps, "db" | "passages">,
  context: WriteContext,
  writes: readonly Write[],
): readonly WriteResult[] {
  requireProject(db, context.project);
  const transaction = { db, passages, context, nextPosition: positionsOf(db, context.project) };
  const results = writes.map((write) => writeOne(transaction, write));
  passages.flush();
  return results;
}

/** What stands under an id, tombstones included. */
function findStanding(db: Database, project: ProjectId, { kind, row }: DraftRow): Standing | undefined {
  const columns = kind === "event" ? "revision, ref" : "revision, ref, slug";
  const found = db
    .prepare(`SELECT ${columns} FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND id = ?`)
    .raw(project, row.id)[0];
  if (found === undefined) return undefined;
  const [revision, ref, slug] = found;
  return { revision: Number(revision), ref: String(ref), ...(slug !== undefined && { slug: String(slug) }) };
}

function writeOne(transaction: Transaction, write: Write): WriteResult {
  const { db, context } = transaction;
  const draft = holdable(write.draft);
  const { project } = context;
  if (draft.row.project !== project) throw foreignRow(draft);
  const standing = findStanding(db, project, draft);
  if ((standing?.revision ?? 0) !== write.expectedRevision) throw changedMeanwhile(draft, standing);
  const names =
    standing ??
    chooseNames(db, {
      ...{ kind: draft.kind, project, id: draft.row.id },
      ...{ slugs: write.slugs.map(wellFormed), refs: write.refs },
    });
  const result = putRow(transaction, draft, { operation: write.operation, standing, names });
  writePassages(transaction, draft, write.chunks);
  if (draft.kind === "event") supersede(transaction, draft.row);
  return result;
}

function writePassages(
  { passages, context }: Transaction,
  { kind, row }: DraftRow,
  chunks: Write["chunks"],
): void {
  if (row.deletedAt !== undefined) passages.remove(context.project, kind, row.id);
  else if (chunks !== "keep") passages.replace(context.project, kind, row.id, chunks.map(holdableChunk));
  else if (kind === "event" && isHidden(row)) passages.hide(context.project, kind, row.id);
}

function isHidden(event: Pick<StoredEvent, "supersededBy" | "retractedAt">): boolean {
  return event.supersededBy !== undefined || event.retractedAt !== undefined;
}

function positionsOf(db: Database, project: ProjectId): () => number {
  const sql = `SELECT position FROM changes WHERE ${SCOPE} ORDER BY position DESC LIMIT 1`;
  let position = Number(db.prepare(sql).raw(project)[0]?.[0] ?? 0);
  return () => {
    position += 1;
    return position;
  };
}

function requireProject(db: Database, project: ProjectId): void {
  const sql = `SELECT 1 FROM projects WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`;
  if (db.prepare(sql).get(project) !== undefined) return;
  throw unknownProject(project);
}
