import type { Change } from "../../domain/change.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { RECORD_KINDS, type TransferRecord } from "../../domain/transfer-record.ts";
import type { CopyingStorage } from "../adapter.ts";
import type { CopyStep } from "../contract/copy.ts";
import type { RowName, TransferNote } from "../contract/transfer.ts";
import { type Differences, differencesBetween, type View } from "./differences.ts";

export interface Following {
  /** The store that counts, at the moment that the copy is brought to. */
  readonly view: View;
  readonly copy: CopyingStorage;
  readonly take: (step: CopyStep) => Promise<readonly TransferNote[]>;
  readonly signal: AbortSignal;
}

/** Changes of one step. */
const STEP = 100;

/**
 * Brings the rows of all changes after the cursors, each with what belongs to it: a step is a transaction with the cursor
 * in it, so whoever follows next goes on from there.
 */
export async function followChanges(
  following: Following,
  cursors: Readonly<Record<string, number>>,
  newest: ReadonlyMap<ProjectId, number>,
): Promise<readonly TransferNote[]> {
  const notes: TransferNote[] = [];
  for (const [project, last] of newest) {
    const from = cursors[project] ?? 0;
    for (let at = from; at < last; ) {
      const lines = await following.view.storage.changes.since(project, at, STEP);
      at = Math.min(last, lines.at(-1)?.seq ?? last);
      const step = await stepFor(following, rowsOf(lines));
      notes.push(...(await following.take({ ...step, cursors: { [project]: at } })));
    }
    if (from < last) notes.push(...(await following.take(await newSeals(following, project, from))));
  }
  return notes;
}

/** Brings rows that have changed without a change line. */
export async function followRows(
  following: Following,
  rows: readonly RowName[],
): Promise<readonly TransferNote[]> {
  const notes: TransferNote[] = [];
  for (let at = 0; at < rows.length; at += STEP) {
    notes.push(...(await following.take(await stepFor(following, rows.slice(at, at + STEP)))));
  }
  return notes;
}

async function stepFor({ view, copy }: Following, rows: readonly RowName[]): Promise<Differences> {
  const theirs = await view.storage.transfer.ofRows(view.id, rows);
  const ours = await inView(copy, (id) => copy.transfer.ofRows(id, rows));
  const { remove, put } = differencesBetween(theirs, ours);
  return { remove: inOrder(remove).reverse(), put: inOrder(put) };
}

async function newSeals({ view, copy }: Following, project: ProjectId, seq: number): Promise<Differences> {
  const theirs = await view.storage.transfer.sealsAfter(view.id, project, seq);
  const ours = await inView(copy, (id) => copy.transfer.sealsAfter(id, project, seq));
  return differencesBetween(theirs, ours);
}

async function inView<Result>(
  { transfer }: CopyingStorage,
  work: (view: number) => Promise<Result>,
): Promise<Result> {
  const id = await transfer.open();
  return work(id).finally(() => transfer.close(id));
}

function rowsOf(lines: readonly Change[]): readonly RowName[] {
  const rows = lines.map(({ project, kind, id }) => ({ project, kind, id }));
  return [...new Map(rows.map((row) => [`${row.kind} ${row.id}`, row])).values()];
}

function inOrder(records: readonly TransferRecord[]): TransferRecord[] {
  return records.toSorted((a, b) => RECORD_KINDS.indexOf(a.record) - RECORD_KINDS.indexOf(b.record));
}
