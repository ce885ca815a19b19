import { RECORD_KINDS, type RecordKind, type TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { RecordCounts, SnapshotId, TransferBatch } from "../storage/contract/transfer.ts";

/** Records that one batch asks for. */
export const BATCH_RECORDS = 1_000;
/**
 * Of passages and changes so many times as many: they are small, and what passages add to the frequencies of terms is a
 * row a term and batch.
 */
const SMALL_TO_ONE = 5;

export interface StoreReading {
  /** How many records there are of each kind, counted before the first batch. */
  readonly onCounted?: ((counts: RecordCounts) => void) | undefined;
  readonly batchSize?: number | undefined;
}

/**
 * Everything of a store as it is at the first batch, kind by kind, in batches. The next batch is read while the
 * caller works on one; no more than two are held.
 */
export async function* readStore(
  { transfer }: Pick<StorageAdapter, "transfer">,
  { onCounted, batchSize = BATCH_RECORDS }: StoreReading = {},
): AsyncGenerator<readonly TransferRecord[], void> {
  const snapshot = await transfer.open();
  try {
    onCounted?.(await transfer.count(snapshot));
    for (const kind of RECORD_KINDS) {
      const limit = kind === "passage" || kind === "change" ? batchSize * SMALL_TO_ONE : batchSize;
      yield* readKind({ transfer, snapshot, kind, limit });
    }
  } finally {
    await transfer.close(snapshot);
  }
}

interface KindReading {
  readonly transfer: StorageAdapter["transfer"];
  readonly snapshot: SnapshotId;
  readonly kind: RecordKind;
  readonly limit: number;
}

async function* readKind({ transfer, snapshot, kind, limit }: KindReading) {
  const read = (after: string | undefined) => transfer.read(snapshot, kind, { after, limit });
  let coming: Promise<TransferBatch> | undefined = read(undefined);
  try {
    while (coming !== undefined) {
      const { records, next }: TransferBatch = await coming;
      coming = next === undefined ? undefined : read(next);
      // Told to whoever awaits it; until then it is nobody's unhandled rejection.
      coming?.catch(() => undefined);
      if (records.length > 0) yield records;
    }
  } finally {
    await coming?.catch(() => undefined);
  }
}
