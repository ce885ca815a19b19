import { nameOfRecord, RECORD_SCHEMAS, type TransferRecord } from "../domain/transfer-record.ts";
import { reasonOf } from "./record-lines.ts";
import type { TransferLog } from "./transfer-report.ts";

/**
 * Those records of a store that hold what their kind may hold; each other one is told to the log. A file may hold what
 * no command wrote into it, and another engine would read it in its own way: "yesterday" as a date.
 */
export function fittingRecords(
  records: readonly TransferRecord[],
  log: TransferLog,
): readonly TransferRecord[] {
  return records.filter((record) => {
    const result = RECORD_SCHEMAS[record.record].safeParse(record);
    if (!result.success)
      log.fault(record.record, { item: nameOfRecord(record), reason: reasonOf(result.error) });
    return result.success;
  });
}
