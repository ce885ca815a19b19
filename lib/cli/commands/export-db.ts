import type { CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { renderBytes } from "../facts.ts";
import { withInterrupt } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { outputNamed } from "../standard-streams.ts";
import { withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";

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
            else {
              const { done, bytes } = report;
              const say = name === "-" ? call.output.note : call.output.print;
              say(`Wrote ${counted(done, "record")} to ${asLine(name)} (${renderBytes(bytes)}).`);
            }
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
