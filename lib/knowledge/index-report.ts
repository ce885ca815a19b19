import type { IndexReport, ReportItem } from "../domain/report.ts";
import type { FileOutcome } from "./read-changed-file.ts";

/** What a run found besides the files that it read. */
export interface Remainder {
  readonly skipped: readonly ReportItem[];
  readonly failed: readonly ReportItem[];
  readonly notes: readonly ReportItem[];
  readonly removed: number;
  readonly tookMs: number;
}

/** found = indexed + unchanged + skipped + failed. */
export function indexReportOf(outcomes: readonly FileOutcome[], rest: Remainder): IndexReport {
  const of = (state: FileOutcome["state"]): readonly FileOutcome[] =>
    outcomes.filter((outcome) => outcome.state === state);
  const indexed = of("indexed");
  const skipped = rest.skipped.length + of("skipped").length;
  const failed = rest.failed.length + of("failed").length;
  const kinds = (kind: string): number => indexed.filter((outcome) => outcome.kind === kind).length;
  return {
    ok: failed === 0,
    found: outcomes.length + rest.skipped.length + rest.failed.length,
    indexed: indexed.length,
    unchanged: of("unchanged").length,
    skipped,
    removed: rest.removed,
    failed,
    warnings: [
      ...outcomes.flatMap(({ warnings }) => warnings),
      ...rest.failed,
      ...rest.skipped,
      ...rest.notes,
    ],
    plansIndexed: kinds("plan"),
    sessionsIndexed: kinds("session"),
    patternsIndexed: kinds("pattern"),
    chunks: indexed.reduce((sum, { chunks }) => sum + chunks, 0),
    embedded: 0,
    owed: 0,
    tookMs: rest.tookMs,
  };
}
