import type { ReportItem } from "../domain/report.ts";

/** What became of the records of one kind: found = done + unchanged + skipped + failed. */
export interface KindReport {
  readonly found: number;
  readonly done: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
}

/** What became of all records, each that is not in the store as it came by its name. */
export interface Counts<Counted extends string> {
  /** Nothing failed, and nothing was missing. */
  readonly ok: boolean;
  readonly found: number;
  readonly done: number;
  readonly unchanged: number;
  readonly kinds: Readonly<Partial<Record<Counted, KindReport>>>;
  readonly skipped: readonly ReportItem[];
  /** A fault of the whole file, which belongs to no record, stands here without being counted. */
  readonly failed: readonly ReportItem[];
  /** Written, but not just as they came. */
  readonly warnings: readonly ReportItem[];
  /** Items beyond the first thousand of a list, by list. */
  readonly unlisted?: Readonly<Record<List, number>>;
}

/** Items that a list names; the memory must not grow with the store. */
const LISTED = 1_000;

type List = "skipped" | "failed" | "warnings";
export type Outcome = Exclude<keyof KindReport, "found">;

/** Gathers a report, record by record or many at once. */
export class ReportLog<Counted extends string> {
  readonly #kinds = new Map<Counted, { -readonly [Member in keyof KindReport]: KindReport[Member] }>();
  readonly #lists: Record<List, ReportItem[]> = { skipped: [], failed: [], warnings: [] };
  readonly #unlisted: Record<List, number> = { skipped: 0, failed: 0, warnings: 0 };

  /** Records with the same outcome; `item` says which and why where one is not in the store as it was found. */
  count(kind: Counted, outcome: Outcome, item?: ReportItem, many = 1): void {
    const counts = this.#kinds.get(kind) ?? { found: 0, done: 0, unchanged: 0, skipped: 0, failed: 0 };
    this.#kinds.set(kind, counts);
    counts.found += many;
    counts[outcome] += many;
    if (item !== undefined && (outcome === "failed" || outcome === "skipped")) this.note(outcome, item);
  }

  note(list: List, { item, reason, line }: ReportItem): void {
    if (this.#lists[list].length >= LISTED) this.#unlisted[list] += 1;
    else this.#lists[list].push({ item, reason, ...(line !== undefined && { line }) });
  }

  report(): Counts<Counted> {
    const kinds = [...this.#kinds.values()];
    const total = (member: keyof KindReport) => kinds.reduce((sum, counts) => sum + counts[member], 0);
    const hasUnlisted = Object.values(this.#unlisted).some((count) => count > 0);
    // SAFETY: the map's keys are the kinds that were counted.
    const byKind = Object.fromEntries(this.#kinds) as Counts<Counted>["kinds"];
    return {
      ok: this.#lists.failed.length === 0 && total("failed") === 0,
      found: total("found"),
      done: total("done"),
      unchanged: total("unchanged"),
      kinds: byKind,
      ...this.#lists,
      ...(hasUnlisted && { unlisted: { ...this.#unlisted } }),
    };
  }
}
