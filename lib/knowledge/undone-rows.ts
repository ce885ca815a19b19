import type { ReportItem } from "../domain/report.ts";
import type { RowRecord, TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { TransferResult } from "../storage/contract/transfer.ts";
import { isUndoing } from "./undo-actor.ts";

type Left = "skipped" | "failed";

/** Among so many that were not, none is looked for any more: each costs a question to the store. */
const MOST_OTHERS = 1_000;

/** Rows of an export that were removed here by `undo`: there may be thousands with one reason, which is said once. */
export class UndoneRows {
  readonly #changes: StorageAdapter["changes"];
  #others = 0;
  readonly #rows = new Map<string, { readonly list: Left; readonly batch: string; rows: number }>();

  constructor({ changes }: Pick<StorageAdapter, "changes">) {
    this.#changes = changes;
  }

  /** Which of a batch's records are such rows, by their place in it. */
  async among(records: readonly TransferRecord[], { notes }: TransferResult): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (const { index, what } of notes) {
      const record = records[index];
      if (what === "adjusted" || record === undefined || !isRow(record) || this.#others >= MOST_OTHERS)
        continue;
      const batch = await this.#removedBy(record);
      if (batch === undefined) {
        this.#others += 1;
        continue;
      }
      found.add(index);
      const key = `${what} ${batch}`;
      const known = this.#rows.get(key) ?? { list: what, batch, rows: 0 };
      this.#rows.set(key, known);
      known.rows += 1;
    }
    return found;
  }

  /** One item for each undoing. */
  items(): readonly { readonly list: Left; readonly item: ReportItem }[] {
    return [...this.#rows.values()].map(({ list, batch, rows }) => {
      const were = rows === 1 ? "was" : "were";
      const reason = `${were} removed here by \`undo\` and left so; to have ${rows === 1 ? "it" : "them"} again: aiknowsys undo ${batch}`;
      return { list, item: { item: rows === 1 ? "1 row" : `${rows} rows`, reason } };
    });
  }

  /** The undoing that removed just what the record brings; `undefined` where the row has another history. */
  async #removedBy({ project, id, revision }: RowRecord): Promise<string | undefined> {
    const last = (await this.#changes.ofRow(project, id)).at(-1);
    if (last?.operation !== "delete" || last.revision !== revision + 1 || !isUndoing(last.actor))
      return undefined;
    return last.batch;
  }
}

function isRow(record: TransferRecord): record is RowRecord {
  const { record: kind } = record;
  return kind === "plan" || kind === "session" || kind === "pattern" || kind === "event";
}
