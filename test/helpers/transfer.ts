import { canonicalJson } from "../../lib/domain/canonical-json.ts";
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
