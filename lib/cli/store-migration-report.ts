import type { RowComparison } from "../knowledge/compare-rows.ts";
import type { StoreMigrationReport } from "../knowledge/migrate-store.ts";
import type { RegeneratedVectors } from "../knowledge/regenerate-vectors.ts";
import { counted } from "./counted.ts";
import type { Output } from "./output.ts";
import { renderDuration } from "./progress.ts";
import { printTransferReport } from "./transfer-report.ts";

type PrintedReport = StoreMigrationReport & { readonly vectors?: RegeneratedVectors };

/** Differences of rows chosen at random that are shown one by one. */
const SHOWN = 20;

/** Prints what a migration did, how quickly, and what the comparisons after it found. */
export function printMigrationReport(output: Output, report: PrintedReport): void {
  const { speed, verified, sampled, vectors, dryRun, interrupted } = report;
  printTransferReport(output, report, (kind) => speed.kinds[kind]?.perSecond);
  output.print(
    `${dryRun ? "Read" : "Copied"} in ${renderDuration(speed.tookMs / 1_000)}, ${speed.perSecond} records a second.`,
  );
  if (dryRun) output.note("Nothing was written: this was a dry run.");
  if (interrupted === true)
    output.print("Interrupted: the target was not compared with the source. Run the same again to finish.");
  if (verified !== undefined) {
    const differing = verified.differences.length + (verified.unlisted ?? 0);
    output.print(
      verified.equal
        ? `Compared record by record in ${renderDuration(verified.tookMs / 1_000)}: the target holds everything of the source.`
        : `${counted(differing, "record")} of the target are not as in the source; run \`aiknowsys verify\` to see them.`,
    );
  }
  if (sampled !== undefined) printSample(output, sampled);
  if (vectors !== undefined) printVectors(output, vectors);
}

function printVectors(output: Output, { made, owed, workers, tookMs, problem }: RegeneratedVectors): void {
  const took = renderDuration(tookMs / 1_000);
  output.print(`Made ${counted(made, "vector")} anew in ${took}, ${counted(workers, "model")} side by side.`);
  if (problem !== undefined) output.note(`Then it ended: ${problem}`);
  if (owed > 0) output.note(`${counted(owed, "passage")} still wait for theirs: run the same again.`);
}

function printSample(output: Output, { rows, fields, differences }: RowComparison): void {
  const same = `${counted(rows, "row")} chosen at random, read as every command reads them, compared in ${counted(fields, "field")}:`;
  output.print(
    differences.length === 0 ? `${same} all the same.` : `${same} ${differences.length} are not the same.`,
  );
  for (const { item, field } of differences.slice(0, SHOWN)) output.note(`  ${item}: ${field}`);
}
