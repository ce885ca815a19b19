import type { ReportItem } from "../domain/report.ts";
import { nameOfRecord, type RecordKind, type TransferRecord } from "../domain/transfer-record.ts";
import type { TransferResult } from "../storage/contract/transfer.ts";

/** What became of the records of one kind: found = done + unchanged + skipped + failed. */
export interface KindReport {
  readonly found: number;
  readonly done: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
}

/** What became of all records, each that is not in the store as it came by its name. */
export interface TransferReport {
  /** Nothing failed, and nothing was missing. */
  readonly ok: boolean;
  readonly found: number;
  readonly done: number;
  readonly unchanged: number;
  readonly kinds: Readonly<Partial<Record<RecordKind, KindReport>>>;
  readonly skipped: readonly ReportItem[];
  readonly failed: readonly ReportItem[];
  /** Written, but not just as they came. */
  readonly warnings: readonly ReportItem[];
  /** Items beyond the first thousand of a list, by list. */
  readonly unlisted?: Readonly<Record<"skipped" | "failed" | "warnings", number>>;
}

/** Items that a list names; the memory must not grow with the store. */
const LISTED = 1_000;

type Mutable = { -readonly [Member in keyof KindReport]: KindReport[Member] };
type List = "skipped" | "failed" | "warnings";

/** Gathers a report batch by batch. */
export class TransferLog {
  readonly #kinds = new Map<RecordKind, Mutable>();
  readonly #lists: Record<List, ReportItem[]> = { skipped: [], failed: [], warnings: [] };
  readonly #unlisted: Record<List, number> = { skipped: 0, failed: 0, warnings: 0 };

  /** @param lineOf the line that a record of the batch came from, where it came from a file */
  batch(
    records: readonly TransferRecord[],
    result: TransferResult,
    lineOf: (index: number) => number | undefined = () => undefined,
  ): void {
    const [first] = records;
    if (first === undefined) return;
    const kind = this.#kind(first.record);
    kind.found += records.length;
    kind.done += result.written;
    kind.unchanged += result.unchanged;
    for (const { index, what, reason } of result.notes) {
      const record = records[index];
      if (what !== "adjusted") kind[what] += 1;
      const item = record === undefined ? first.record : nameOfRecord(record);
      this.note(what === "adjusted" ? "warnings" : what, { item, reason, line: lineOf(index) });
    }
  }

  /** A line that is no record. */
  fault(kind: RecordKind | undefined, item: ReportItem): void {
    if (kind !== undefined) {
      const of = this.#kind(kind);
      of.found += 1;
      of.failed += 1;
    }
    this.note("failed", item);
  }

  note(list: List, { item, reason, line }: ReportItem): void {
    if (this.#lists[list].length >= LISTED) this.#unlisted[list] += 1;
    else this.#lists[list].push({ item, reason, ...(line !== undefined && { line }) });
  }

  report(): TransferReport {
    const kinds = [...this.#kinds.values()];
    const total = (member: keyof KindReport) => kinds.reduce((sum, kind) => sum + kind[member], 0);
    const hasUnlisted = Object.values(this.#unlisted).some((count) => count > 0);
    return {
      ok: this.#lists.failed.length === 0,
      found: total("found"),
      done: total("done"),
      unchanged: total("unchanged"),
      kinds: Object.fromEntries(this.#kinds),
      ...this.#lists,
      ...(hasUnlisted && { unlisted: { ...this.#unlisted } }),
    };
  }

  #kind(kind: RecordKind): Mutable {
    const known = this.#kinds.get(kind) ?? { found: 0, done: 0, unchanged: 0, skipped: 0, failed: 0 };
    this.#kinds.set(kind, known);
    return known;
  }
}
