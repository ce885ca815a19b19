import type { UndoReport } from "../../knowledge/undo.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { withStore } from "../store.ts";
import { printTransferReport, runWatched } from "../transfer-report.ts";

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
      runWatched(call, {
        label: "Rows",
        run: async (watched) => {
          const { undoBatch } = await import("../../knowledge/undo.ts");
          const [batch = ""] = call.command.args;
          const { dryRun } = call.command.opts<Options>();
          return undoBatch(deps, { batch, dryRun, ...watched });
        },
        print: printReport,
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
