import { RECORD_KINDS, type RecordKind, type TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { RecordCounts, SnapshotId, TransferBatch, UnreadRecord } from "../storage/contract/transfer.ts";
import { refuseUnread } from "../storage/neutral/readable-records.ts";

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
  /** Told of each row that stands and cannot be read; without it the first of them ends the reading. */
  readonly onUnread?: ((unread: UnreadRecord) => void) | undefined;
}

/**
 * Everything of a store as it is at the first batch, kind by kind, in batches. The next batch is read while the
 * caller works on one; no more than two are held. @throws KnowledgeError `corrupt` for a row that cannot be read.
 */
export async function* readStore(
  { transfer }: Pick<StorageAdapter, "transfer">,
  { onCounted, batchSize = BATCH_RECORDS, onUnread = refuseUnread }: StoreReading = {},
): AsyncGenerator<readonly TransferRecord[], void> {
  const snapshot = await transfer.open();
  try {
    onCounted?.(await transfer.count(snapshot));
    for (const kind of RECORD_KINDS) {
      const limit = kind === "passage" || kind === "change" ? batchSize * SMALL_TO_ONE : batchSize;
      yield* readKind({ transfer, snapshot, kind, limit, onUnread });
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
  readonly onUnread: (unread: UnreadRecord) => void;
}

async function* readKind({ transfer, snapshot, kind, limit, onUnread }: KindReading) {
  const read = (after: string | undefined) => transfer.read(snapshot, kind, { after, limit });
  let coming: Promise<TransferBatch> | undefined = read(undefined);
  try {
    while (coming !== undefined) {
      const { records, next, unread = [] }: TransferBatch = await coming;
      coming = next === undefined ? undefined : read(next);
      // Told to whoever awaits it; until then it is nobody's unhandled rejection.
      coming?.catch(() => undefined);
      for (const row of unread) onUnread(row);
      if (records.length > 0) yield records;
    }
  } finally {
    await coming?.catch(() => undefined);
  }
}
