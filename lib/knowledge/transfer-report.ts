import { KnowledgeError } from "../domain/error.ts";
import type { ReportItem } from "../domain/report.ts";
import { nameOfRecord, type RecordKind, type TransferRecord } from "../domain/transfer-record.ts";
import type { TransferResult } from "../storage/contract/transfer.ts";
import { type Counts, ReportLog } from "./report-log.ts";

export type TransferReport = Counts<RecordKind>;

/** Gathers the report of a transfer batch by batch. */
export class TransferLog extends ReportLog<RecordKind> {
  /**
   * @param lineOf the line that a record of the batch came from, where it came from a file
   * @param named records that are named elsewhere, by their place, and only counted here
   * @throws KnowledgeError `internal` when a record has no outcome
   */
  batch(
    records: readonly TransferRecord[],
    result: TransferResult,
    lineOf: (index: number) => number | undefined = () => undefined,
    named: ReadonlySet<number> = new Set(),
  ): void {
    const [first] = records;
    if (first === undefined) return;
    const left = result.notes.filter(({ what }) => what !== "adjusted").length;
    if (result.written + result.unchanged + left !== records.length)
      throw new KnowledgeError("internal", `Not every ${first.record} of a batch has an outcome.`);
    this.count(first.record, "done", undefined, result.written);
    this.count(first.record, "unchanged", undefined, result.unchanged);
    for (const { index, what, reason } of result.notes) {
      const record = records[index];
      const item = record === undefined ? first.record : nameOfRecord(record);
      const told = { item, reason, line: lineOf(index) };
      if (what === "adjusted") this.note("warnings", told);
      else this.count(first.record, what, named.has(index) ? undefined : told);
    }
  }

  /** A line that is no record. */
  fault(kind: RecordKind | undefined, item: ReportItem): void {
    if (kind === undefined) this.note("failed", item);
    else this.count(kind, "failed", item);
  }
}
