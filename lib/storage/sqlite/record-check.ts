import { recordFault } from "../../domain/record-fault.ts";
import type { ReportItem } from "../../domain/report.ts";
import { nameOfRecord, RECORD_KINDS, type TransferRecord } from "../../domain/transfer-record.ts";
import { KnownParts } from "../neutral/stray-record.ts";
import type { Database } from "./driver.ts";
import { readRecords } from "./transfer-read.ts";

/** Records that are read at once; fewer where they are large. */
const SLICE = 500;
/** Faults that are named one by one; the memory must not grow with the store. */
const NAMED = 1_000;

export interface DamagedRows {
  /** All of them. */
  readonly damaged: number;
  /** Each by its name; the rest beyond a thousand as a number. */
  readonly faults: readonly ReportItem[];
}

/** Rows that no copy would take, because something other than this program wrote them. */
export function damagedRows(db: Database): DamagedRows {
  const named: ReportItem[] = [];
  let more = 0;
  const name = (record: TransferRecord, reason: string): void => {
    if (named.length < NAMED) named.push({ item: nameOfRecord(record), reason });
    else more += 1;
  };
  const parts = new KnownParts();
  for (const kind of RECORD_KINDS) {
    let after: string | undefined;
    do {
      const { records, unread = [], next } = readRecords(db, kind, { after, limit: SLICE });
      for (const { record, reason } of unread) name(record, reason);
      for (const record of records) {
        const reason = recordFault(record) ?? parts.fault(record);
        if (reason !== undefined) name(record, reason);
      }
      after = next;
    } while (after !== undefined);
  }
  const rest = more === 0 ? [] : [{ item: `${more} more rows`, reason: "are damaged too" }];
  return { damaged: named.length + more, faults: [...named, ...rest] };
}
