import { KnowledgeError } from "../../domain/error.ts";
import { nameOfRecord, type TransferRecord } from "../../domain/transfer-record.ts";
import type { UnreadRecord } from "../contract/transfer.ts";
import { DamagedCell } from "./damaged-cell.ts";
import type { Listing } from "./transfer-listings.ts";

export interface ReadableRecords<Record extends TransferRecord> {
  readonly records: readonly Record[];
  readonly unread?: readonly UnreadRecord[];
}

/** The records of rows of a listing; a row with damaged cells is named with each of them. */
export function readableRecords<Record extends TransferRecord>(
  listing: Pick<Listing<Record>, "columns" | "make">,
  rows: readonly (readonly unknown[])[],
): ReadableRecords<Record> {
  const records: Record[] = [];
  const unread: UnreadRecord[] = [];
  for (const row of rows) {
    const { record, damaged } = withoutDamaged(listing, row);
    if (damaged.length === 0) records.push(record);
    else unread.push({ record, reason: damaged.join("; ") });
  }
  return unread.length === 0 ? { records } : { records, unread };
}

/** A record of what of a row is sound, to name it by. */
function withoutDamaged<Record extends TransferRecord>(
  { columns, make }: Pick<Listing<Record>, "columns" | "make">,
  row: readonly unknown[],
): { readonly record: Record; readonly damaged: readonly string[] } {
  const damaged: string[] = [];
  for (let values = row; ; ) {
    try {
      return { record: make(values), damaged };
    } catch (error) {
      const place = error instanceof DamagedCell ? columns.indexOf(error.column) : -1;
      if (place === -1 || values[place] === null) throw error;
      damaged.push(error instanceof DamagedCell ? error.message : "");
      values = values.with(place, null);
    }
  }
}

/** For whoever cannot go on without the row. @throws KnowledgeError `corrupt` */
export function refuseUnread({ record, reason }: UnreadRecord): never {
  throw new KnowledgeError("corrupt", `The store is damaged: of ${nameOfRecord(record)} ${reason}.`, {
    hint: "Run `aiknowsys doctor`, which names all that is damaged.",
  });
}
