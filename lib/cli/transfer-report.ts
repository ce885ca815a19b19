import type { ReportItem } from "../domain/report.ts";
import { RECORD_KINDS, type RecordKind } from "../domain/transfer-record.ts";
import type { TransferReport } from "../knowledge/transfer-report.ts";
import type { Call } from "./command.ts";
import { counted } from "./counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "./errors.ts";
import { withInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { startProgress } from "./progress.ts";
import { renderTable } from "./table.ts";
import { asLine } from "./terminal-text.ts";

/** What a run does that a bar shows and Ctrl-C ends after the step it is in. */
export interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

interface WatchedRun<Report extends { readonly ok: boolean }> {
  /** One word that says what the bar counts. */
  readonly label: string;
  readonly run: (watched: Watched) => Promise<Report>;
  readonly print: (call: Call, report: Report) => void;
}

/** Runs a transfer under a bar, prints its report, and gives the status that the command ends with. */
export function runWatched<Report extends { readonly ok: boolean }>(
  call: Call,
  { label, run, print }: WatchedRun<Report>,
): Promise<number> {
  return withInterrupt(call, async (signal) => {
    const bar = await startProgress(call.door, call.output, { label, signal });
    const onProgress = (done: number, total: number): void => bar.update(done, total);
    const report = await run({ signal, onProgress }).finally(() => bar.stop());
    if (call.output.json) call.output.printJson(report);
    else print(call, report);
    if (signal.aborted) return EXIT_INTERRUPTED;
    return report.ok ? 0 : EXIT_SOME_FAILED;
  });
}

/** Items of a list that are shown one by one; the rest is counted. */
const SHOWN = 20;

/**
 * Prints what became of the records of a transfer: a line a kind, then what did not arrive as it was.
 * @param speedOf records a second by kind, where that was measured
 */
export function printTransferReport(
  output: Output,
  report: TransferReport,
  speedOf?: (kind: RecordKind) => number | undefined,
): void {
  const { found, done, unchanged, kinds, skipped, failed, warnings, unlisted } = report;
  const rows = RECORD_KINDS.flatMap((kind) => {
    const counts = kinds[kind];
    return counts === undefined ? [] : [{ kind, ...counts }];
  });
  const number = (title: "found" | "done" | "unchanged" | "skipped" | "failed") => ({
    title,
    cell: (row: (typeof rows)[number]) => String(row[title]),
    right: true,
  });
  output.print(
    renderTable(
      [
        { title: "kind", cell: ({ kind }) => kind },
        ...[number("found"), number("done"), number("unchanged"), number("skipped"), number("failed")],
        ...(speedOf === undefined
          ? []
          : [
              {
                title: "per second",
                cell: ({ kind }: (typeof rows)[number]) => String(speedOf(kind) ?? ""),
                right: true,
              },
            ]),
      ],
      rows,
      { width: output.width, emphasise: (text) => output.style("bold", text) },
    ),
  );
  output.print(`Found ${counted(found, "record")}: ${done} written, ${unchanged} unchanged.`);
  printItems(output, "Not exactly as they came", warnings, unlisted?.warnings);
  printItems(output, "Left as they stand here", skipped, unlisted?.skipped);
  printItems(output, "Not taken", failed, unlisted?.failed);
}

/** Names items under a title, the first of many; nothing where there are none. @param more that the list leaves out */
export function printItems(output: Output, title: string, items: readonly ReportItem[], more = 0): void {
  if (items.length === 0) return;
  output.note(`${title}:`);
  for (const { item, reason, line } of items.slice(0, SHOWN)) {
    const place = line === undefined ? "" : `line ${line}: `;
    output.note(`  ${place}${asLine(item)} ${asLine(reason)}`);
  }
  const rest = items.length - SHOWN + more;
  if (rest > 0) output.note(`  … and ${rest} more, see --json`);
}
