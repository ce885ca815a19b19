import type { Kind } from "../../domain/ids.ts";
import type { ReportItem } from "../../domain/report.ts";
import type { KindReport, TransferReport } from "../transfer-report.ts";

/** Items that a list names; the memory must not grow with the source. */
const LISTED = 1_000;

type List = "skipped" | "failed" | "warnings";
type Outcome = Exclude<keyof KindReport, "found">;
/** `record`: of what would be of no kind, because it cannot be read or was passed over before. */
type Counted = Kind | "record";

/** What became of all records: found = done + unchanged + skipped + failed, each that is not in the store by its name. */
export type ImportCounts = Omit<TransferReport, "kinds"> & {
  readonly kinds: Readonly<Partial<Record<Counted, KindReport>>>;
};

/** Gathers the report of an import from another tool. */
export class ImportLog {
  readonly #kinds = new Map<Counted, { -readonly [Member in keyof KindReport]: KindReport[Member] }>();
  readonly #lists: Record<List, ReportItem[]> = { skipped: [], failed: [], warnings: [] };
  readonly #unlisted: Record<List, number> = { skipped: 0, failed: 0, warnings: 0 };

  /** One record; `item` says which and why where it is not in the store as it was found. */
  count(kind: Counted, outcome: Outcome, item?: ReportItem): void {
    const counts = this.#kinds.get(kind) ?? { found: 0, done: 0, unchanged: 0, skipped: 0, failed: 0 };
    this.#kinds.set(kind, counts);
    counts.found += 1;
    counts[outcome] += 1;
    if (item !== undefined && (outcome === "failed" || outcome === "skipped")) this.note(outcome, item);
  }

  note(list: List, { item, reason, line }: ReportItem): void {
    if (this.#lists[list].length >= LISTED) this.#unlisted[list] += 1;
    else this.#lists[list].push({ item, reason, ...(line !== undefined && { line }) });
  }

  report(): ImportCounts {
    const kinds = [...this.#kinds.values()];
    const total = (member: keyof KindReport) => kinds.reduce((sum, counts) => sum + counts[member], 0);
    const hasUnlisted = Object.values(this.#unlisted).some((count) => count > 0);
    return {
      ok: total("failed") === 0,
      found: total("found"),
      done: total("done"),
      unchanged: total("unchanged"),
      kinds: Object.fromEntries(this.#kinds),
      ...this.#lists,
      ...(hasUnlisted && { unlisted: { ...this.#unlisted } }),
    };
  }
}
