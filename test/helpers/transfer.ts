import { canonicalJson } from "../../lib/domain/canonical-json.ts";
import { contentHashOf } from "../../lib/domain/document.ts";
import { RECORD_KINDS, type TransferRecord } from "../../lib/domain/transfer-record.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import type { TransferOptions, TransferResult } from "../../lib/storage/contract/transfer.ts";
import { NOON } from "./store.ts";

export const REFUSING: TransferOptions = { onConflict: "refuse", at: NOON, actor: "mover" };

/** Everything of a store, in the order of the contract. */
export async function readAll({ transfer }: StorageAdapter, limit = 1_000): Promise<TransferRecord[]> {
  const snapshot = await transfer.open();
  try {
    const records: TransferRecord[] = [];
    for (const kind of RECORD_KINDS) {
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const batch = await transfer.read(snapshot, kind, { after, limit });
        records.push(...batch.records);
        after = batch.next;
      }
    }
    return records;
  } finally {
    await transfer.close(snapshot);
  }
}

/** The same as the lines of an export. */
export async function linesOf(storage: StorageAdapter, limit?: number): Promise<string[]> {
  return (await readAll(storage, limit)).map(canonicalJson);
}

export async function writeBatches(
  { transfer }: StorageAdapter,
  records: readonly TransferRecord[],
  options: TransferOptions = REFUSING,
  size = 100,
): Promise<TransferResult> {
  const results: TransferResult[] = [];
  for (let at = 0; at < records.length; at += size)
    results.push(await transfer.write(records.slice(at, at + size), options));
  return {
    written: results.reduce((sum, { written }) => sum + written, 0),
    unchanged: results.reduce((sum, { unchanged }) => sum + unchanged, 0),
    notes: results.flatMap(({ notes }, i) =>
      notes.map((note) => ({ ...note, index: note.index + i * size })),
    ),
  };
}

/** The same records with the history and the hashes that these rows have where nobody altered anything. */
export function truthful<Records extends readonly TransferRecord[]>(records: Records): Records {
  const told = new Map<string, { readonly body: string; readonly contentHash: string }>();
  const named = (record: { kind: string; id: string; revision?: number }) =>
    told.get(`${record.kind} ${record.id} ${record.revision ?? ""}`);
  const members = records.map((record) => {
    switch (record.record) {
      case "plan":
      case "session":
      case "pattern":
      case "event": {
        const { record: kind, ref: _ref, revision, ...rest } = record;
        const { slug: _slug, ...row } = { slug: "", ...rest };
        const contentHash = contentHashOf(row);
        const said = { body: canonicalJson({ ...row, contentHash }), contentHash };
        for (const name of [`${kind} ${row.id} ${revision}`, `${kind} ${row.id} `]) told.set(name, said);
        return { ...record, contentHash };
      }
      case "revision":
        return { ...record, body: named(record)?.body ?? record.body };
      case "change":
        return { ...record, contentHash: named(record)?.contentHash ?? record.contentHash };
      case "passage": {
        const { kind, id } = record;
        return { ...record, ownerHash: named({ kind, id })?.contentHash ?? record.ownerHash };
      }
      default:
        return record;
    }
  });
  // SAFETY: each record keeps its kind and its members' types.
  return members as unknown as Records;
}
