import type { UndoReport } from "../../knowledge/undo.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { withInterrupt } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { withStore } from "../store.ts";
import { printTransferReport } from "../transfer-report.ts";

interface Options {
  readonly dryRun?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<batch>", "the import, as its report and the history of its rows name it")
      .option("--dry-run", "look at everything, write nothing");
  },
  examples: [
    "aiknowsys undo 019c3f2a-6c1e-7a40-9d0b-5f3e2a1b4c5d --dry-run",
    "aiknowsys undo 019c3f2a-6c1e-7a40-9d0b-5f3e2a1b4c5d",
  ],
  run: (call) =>
    withStore(call, ({ deps }) =>
      withInterrupt(call, async (signal) => {
        const { undoBatch } = await import("../../knowledge/undo.ts");
        const [batch = ""] = call.command.args;
        const { dryRun } = call.command.opts<Options>();
        const bar = await startProgress(call.door, call.output, { label: "Rows", signal });
        const report = await undoBatch(deps, {
          ...{ batch, dryRun, signal },
          onProgress: (done, total) => bar.update(done, total),
        }).finally(() => bar.stop());
        if (call.output.json) call.output.printJson(report);
        else printReport(call, report);
        if (signal.aborted) return EXIT_INTERRUPTED;
        return report.ok ? 0 : EXIT_SOME_FAILED;
      }),
    ),
};

function printReport({ output }: Call, report: UndoReport): void {
  printTransferReport(output, report);
  const { removed, restored, dryRun, batch } = report;
  const parts = [
    `${counted(removed, "row")} that had come ${removed === 1 ? "is" : "are"} removed`,
    `${counted(restored, "row")} ${restored === 1 ? "is as it was" : "are as they were"} before`,
  ];
  if (dryRun) output.note("Nothing was written: this was a dry run.");
  else output.print(`${parts.join("; ")}.`);
  if (batch !== undefined) output.note(`Undo this with: aiknowsys undo ${batch}`);
}
