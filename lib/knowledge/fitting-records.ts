import { recordFault } from "../domain/record-fault.ts";
import type { TransferRecord } from "../domain/transfer-record.ts";

/**
 * Those records of a store that hold what their kind may hold; of each other one is told why not. A file may hold what
 * no command wrote into it, and another engine would read it in its own way: "yesterday" as a date.
 */
export function fittingRecords(
  records: readonly TransferRecord[],
  onFault: (fault: { readonly record: TransferRecord; readonly reason: string }) => void,
): readonly TransferRecord[] {
  return records.filter((record) => {
    const reason = recordFault(record);
    if (reason !== undefined) onFault({ record, reason });
    return reason === undefined;
  });
}
