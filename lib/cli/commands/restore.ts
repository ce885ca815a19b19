import { resolve } from "node:path";
import type { CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_SOME_FAILED } from "../errors.ts";
import { openStepBars } from "../step-bars.ts";
import { loadSettings } from "../store.ts";
import { asLine } from "../terminal-text.ts";
import { printTransferReport } from "../transfer-report.ts";

/** What is counted in each step. */
const STEPS = { read: "Bytes", write: "Restored", compare: "Compared" } as const;

interface Options {
  readonly into?: string;
  readonly force?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<backup>", "a file that backup wrote, with its checksum beside it")
      .option("--into <place>", "a SQLite file or a PostgreSQL address instead of the store in the settings")
      .option(
        "--force",
        "replace a store that stands there: a file is kept beside it, a database's records are replaced",
      );
  },
  examples: [
    "aiknowsys restore backups/aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db --into drill.db",
    "aiknowsys restore backups/aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db --force",
  ],
  run: async (call) => {
    const { into, force } = call.command.opts<Options>();
    const config = await loadSettings(call);
    const { openRestoreTarget } = await import("../../compose.ts");
    const { restore } = await import("../../knowledge/restore.ts");
    const opened = await openRestoreTarget(config, call.door.env, into);
    const bars = openStepBars(call);
    try {
      const backup = resolve(call.door.cwd, call.command.args[0] ?? "");
      const report = await restore(opened.deps, {
        ...{ ...opened, backup, force },
        onProgress: (step, done, total) => bars.update(STEPS[step], done, total),
      }).finally(() => bars.stop());
      const { output } = call;
      if (output.json) output.printJson(report);
      else {
        if (Object.keys(report.kinds).length > 0) printTransferReport(output, report);
        output.print(`Restored ${counted(report.found, "record")} into ${asLine(report.into)}.`);
        if (report.kept !== undefined)
          output.print(`The store that stood there is kept as ${asLine(report.kept)}.`);
      }
      return report.ok ? 0 : EXIT_SOME_FAILED;
    } finally {
      await opened.close();
    }
  },
};
