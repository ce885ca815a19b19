import { parseChoice } from "../../domain/vocabulary.ts";
import type { ImportReport } from "../../knowledge/import-store.ts";
import type { Call, CliCommand } from "../command.ts";
import { inputNamed } from "../standard-streams.ts";
import { withStore } from "../store.ts";
import { printTransferReport, runWatched } from "../transfer-report.ts";

interface Options {
  readonly input?: string;
  readonly onConflict?: string;
  readonly dryRun?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .requiredOption("--input <file>", "what export-db wrote, packed or not; - for stdin")
      .option(
        "--on-conflict <choice>",
        "a row that stands here with other content: keep it, replace it, or take the newer (default: keep it, name it and end with status 6)",
      )
      .option("--dry-run", "read and check everything, write nothing");
  },
  examples: [
    "aiknowsys import-db --input knowledge.jsonl.gz --dry-run",
    "aiknowsys import-db --input knowledge.jsonl.gz --on-conflict newer",
  ],
  run: (call) => {
    const { onConflict } = call.command.opts<Options>();
    const policy =
      onConflict === undefined
        ? "refuse"
        : parseChoice("onConflict", onConflict, ["keep", "replace", "newer"]);
    return withStore(call, ({ deps }) =>
      runWatched(call, {
        label: "Bytes",
        run: async (watched) => {
          const { importStore } = await import("../../knowledge/import-store.ts");
          const { newRowId } = await import("../../knowledge/store-row.ts");
          const { input = "", dryRun } = call.command.opts<Options>();
          const from = inputNamed(input, call);
          return importStore(deps, {
            ...{ input: from, onConflict: policy, dryRun, batch: newRowId(deps), ...watched },
          });
        },
        print: printReport,
      }),
    );
  },
};

function printReport({ output }: Call, report: ImportReport): void {
  printTransferReport(output, report);
  if (report.cut !== undefined)
    output.note(
      `The file is not whole: line ${report.cut.line}, ${report.cut.reason}. What stands before it was taken.`,
    );
  if (report.interrupted === true)
    output.note(
      "Interrupted before the end of the file. What was written stays; run the same again to go on.",
    );
  if (report.dryRun) output.note("Nothing was written: this was a dry run.");
  if (report.batch !== undefined) output.note(`Undo it with: aiknowsys undo ${report.batch}`);
}
