import type { IndexReport, ReportItem } from "../domain/report.ts";
import { counted } from "./counted.ts";
import type { Output } from "./output.ts";
import { renderDuration } from "./progress.ts";
import { asLine } from "./terminal-text.ts";
import { wrapText } from "./wrap.ts";

/** Warnings that are shown one by one; the rest is counted. */
const SHOWN = 20;

/** Prints what an index run found and did. @param whenOwed what becomes of vectors that are still to be made */
export function printIndexReport(
  output: Output,
  report: IndexReport,
  interrupted: boolean,
  whenOwed = "the next `aiknowsys index` goes on with that.",
): void {
  const { found, indexed, unchanged, skipped, failed, removed } = report;
  const took = report.tookMs < 1_000 ? `${report.tookMs} ms` : renderDuration(report.tookMs / 1_000);
  output.print(
    `Found ${counted(found, "file")}: ${indexed} indexed, ${unchanged} unchanged, ${skipped} skipped, ${failed} failed (${took}).`,
  );
  if (indexed > 0) {
    const { plansIndexed, sessionsIndexed, patternsIndexed, chunks } = report;
    output.print(
      `Indexed ${counted(plansIndexed, "plan")}, ${counted(sessionsIndexed, "session")}, ${counted(patternsIndexed, "pattern")} in ${counted(chunks, "passage")}.`,
    );
  }
  if (removed > 0)
    output.print(`Removed ${counted(removed, "document")} whose file is gone; the history is kept.`);
  if (report.embedded > 0) output.print(`Made vectors for ${counted(report.embedded, "passage")}.`);
  printWarnings(output, report.warnings);
  if (interrupted) output.note("Interrupted. What was read is kept; run the same command again to go on.");
  else if (report.owed > 0)
    output.note(`Vectors are still owed to ${counted(report.owed, "passage")}: ${whenOwed}`);
}

function printWarnings(output: Output, warnings: readonly ReportItem[]): void {
  for (const { item, reason, line } of warnings.slice(0, SHOWN)) {
    const place = line === undefined ? item : `${item}:${line}`;
    const text = `${asLine(place)}: ${asLine(reason)}`;
    const [first = "", ...more] =
      output.noteWidth === undefined ? [text] : wrapText(text, output.noteWidth - 4, 4);
    output.note([`  ${first}`, ...more.map((rest) => `    ${rest}`)].join("\n"));
  }
  if (warnings.length > SHOWN) output.note(`  … and ${warnings.length - SHOWN} more, see --json`);
}
