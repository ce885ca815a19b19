import type { ExportReport } from "../../knowledge/export-store.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { renderBytes } from "../facts.ts";
import { withInterrupt } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { outputNamed } from "../standard-streams.ts";
import { withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";
import { printItems } from "../transfer-report.ts";

interface Options {
  readonly output?: string;
  readonly force?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .requiredOption("--output <file>", "JSON Lines; packed when the name ends in .gz or .zst; - for stdout")
      .option("--force", "replace a file that is no export; a SQLite file is never replaced");
  },
  examples: ["aiknowsys export-db --output knowledge.jsonl.gz"],
  run: (call) =>
    withStore(
      call,
      ({ deps }) =>
        withInterrupt(call, async (signal) => {
          const { exportStore } = await import("../../knowledge/export-store.ts");
          const { output: name = "", force } = call.command.opts<Options>();
          const output = outputNamed(name, call);
          const bar = await startProgress(call.door, call.output, { label: "Records", signal });
          try {
            const onProgress = (done: number, total: number): void => bar.update(done, total);
            const report = await exportStore(deps, { output, force, onProgress, signal });
            bar.stop();
            if (call.output.json) call.output.printJson(report);
            else printReport(call, name, report);
            return report.ok ? 0 : EXIT_SOME_FAILED;
          } catch (thrown) {
            if (signal.aborted) return EXIT_INTERRUPTED;
            throw thrown;
          } finally {
            bar.stop();
          }
        }),
      { create: false },
    ),
};

/** Standard output holds the export itself where that was asked for. */
function printReport({ output }: Call, name: string, report: ExportReport): void {
  const { done, bytes, failed, unlisted } = report;
  const say = name === "-" ? output.note : output.print;
  say(`Wrote ${counted(done, "record")} to ${asLine(name)} (${renderBytes(bytes)}).`);
  printItems(output, "Damaged, and left out", failed, unlisted?.failed);
}
