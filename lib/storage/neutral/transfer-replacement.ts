import { canonicalJson } from "../../domain/canonical-json.ts";
import type { RecordOf, RowRecord } from "../../domain/transfer-record.ts";
import type { TransferOptions } from "../contract/transfer.ts";

/** What is written where a row takes the place of another. */
export interface Replacement {
  readonly row: RowRecord;
  /** Absent where the new row's own history, which comes later, tells of it. */
  readonly history?: { readonly text: string; readonly change: RecordOf<"change"> };
}

/**
 * The row as it will stand: under the names that it has in this store. A later revision than the standing one goes on
 * from there; any other becomes the next revision, with a change line, because history is not rewritten.
 */
export function replacementOf(record: RowRecord, standing: RowRecord, options: TransferOptions): Replacement {
  const named = underNames(record, standing);
  if (record.revision > standing.revision) return { row: named };
  const row = { ...named, revision: standing.revision + 1 };
  const { project, id, revision, contentHash } = row;
  const { at, actor } = options;
  return {
    row,
    history: {
      text: revisionTextOf(row),
      change: {
        ...{ record: "change", project, kind: row.record, id, revision, at, actor },
        ...{ operation: "update", contentHash },
      },
    },
  };
}

function underNames(record: RowRecord, standing: RowRecord): RowRecord {
  const { ref } = standing;
  if (record.record === "event" || standing.record === "event") return { ...record, ref };
  return { ...record, ref, slug: standing.slug };
}

/** As `revisionText` of a draft: the row without what the store gives. */
function revisionTextOf(row: RowRecord): string {
  return canonicalJson({ ...row, record: undefined, ref: undefined, slug: undefined, revision: undefined });
}
