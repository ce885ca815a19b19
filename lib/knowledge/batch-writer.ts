import type { RecordKind, TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { TransferOptions, TransferResult } from "../storage/contract/transfer.ts";
import { ComingRecords } from "./coming-records.ts";

/** Batches that are under way at once, by kind. */
const SIDE_BY_SIDE: Readonly<Partial<Record<RecordKind, number>>> = {
  ...{ event: 2, revision: 2, change: 2, passage: 2, vector: 2 },
};

export interface WrittenBatch {
  readonly records: readonly TransferRecord[];
  readonly result: TransferResult;
}

/** Writes batches, each of one kind, so that the next can be read meanwhile. */
export interface BatchWriter {
  /** Begins to write a batch as soon as there is room. @throws what went wrong with an earlier one. */
  write(records: readonly TransferRecord[]): Promise<void>;
  /** Says of a record that it is not written, so that what belongs to it is judged by that in a dry run too. */
  leave(record: Readonly<Record<string, unknown>>): void;
  /** Waits for what is under way. */
  finish(): Promise<void>;
}

/**
 * Of kinds that do not depend on their own order two batches are under way at once; a kind begins when the one before
 * is whole. @param onWritten told of each batch, in their order
 */
export function openBatchWriter(
  { transfer }: Pick<StorageAdapter, "transfer">,
  options: TransferOptions,
  onWritten: (batch: WrittenBatch) => void | Promise<void>,
): BatchWriter {
  const coming = options.dryRun === true ? new ComingRecords() : undefined;
  const given = { ...options, coming };
  let kind: RecordKind | undefined;
  const underWay: Promise<WrittenBatch>[] = [];
  const waitForFirst = async () => {
    const first = underWay.shift();
    if (first === undefined) return;
    const batch = await first;
    for (const { index, what } of batch.result.notes) {
      const record = batch.records[index];
      if (what !== "adjusted" && record !== undefined) coming?.leave(record);
    }
    await onWritten(batch);
  };
  const waitUntil = async (most: number) => {
    while (underWay.length > most) await waitForFirst();
  };
  return {
    write: async (records) => {
      const [first] = records;
      if (first === undefined) return;
      await waitUntil(first.record === kind ? (SIDE_BY_SIDE[kind] ?? 1) - 1 : 0);
      kind = first.record;
      coming?.bring(records);
      const written = transfer.write(records, given).then((result) => ({ records, result }));
      // Told to whoever waits for it; until then it is nobody's unhandled rejection.
      written.catch(() => undefined);
      underWay.push(written);
    },
    leave: (record) => coming?.leave(record),
    finish: () => waitUntil(0),
  };
}
