import type { TransferRecord } from "../domain/transfer-record.ts";

/** One record at a time of what comes in batches. */
export interface RecordCursor {
  /** The record at hand; `undefined` before the first and after the last. */
  readonly record: TransferRecord | undefined;
  next(): Promise<void>;
  /** Lets go of the source. */
  close(): Promise<void>;
}

export function openCursor(source: AsyncIterable<readonly TransferRecord[]>): RecordCursor {
  const batches = source[Symbol.asyncIterator]();
  let batch: readonly TransferRecord[] = [];
  let at = -1;
  return {
    get record() {
      return batch[at];
    },
    next: async () => {
      at += 1;
      while (at >= batch.length) {
        const step = await batches.next();
        [batch, at] = [step.done === true ? [] : step.value, 0];
        if (step.done === true) return;
      }
    },
    close: async () => {
      await batches.return?.();
    },
  };
}
