import { resolve } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";
import type { BackupReport } from "../../knowledge/backup.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { renderBytes } from "../facts.ts";
import { withInterrupt } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { loadSettings } from "../store.ts";
import { asLine } from "../terminal-text.ts";

interface Options {
  readonly output?: string;
  readonly keep?: string;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--output <dir>", "folder for the backup (default: backups in AIKNOWSYS_HOME)")
      .option("--keep <n>", "delete older backups of this store there, all but n with the new one");
  },
  examples: ["aiknowsys backup", "aiknowsys backup --output /mnt/backups --keep 14"],
  run: (call) =>
    withInterrupt(call, async (signal) => {
      const { output, keep: given } = call.command.opts<Options>();
      const keep = parseKeep(given);
      const config = await loadSettings(call);
      const { backupFolder, openBackupWriter } = await import("../../compose.ts");
      const { backup } = await import("../../knowledge/backup.ts");
      const folder = output === undefined ? backupFolder(config) : resolve(call.door.cwd, output);
      const bar = await startProgress(call.door, call.output, { label: "Records", signal });
      const onProgress = (done: number, total: number): void => bar.update(done, total);
      const writer = await openBackupWriter(config, { onProgress, signal });
      try {
        const report = await backup(writer, writer.write, { folder, keep });
        bar.stop();
        printReport(call, report);
        return report.warnings.length === 0 ? 0 : EXIT_SOME_FAILED;
      } catch (thrown) {
        if (signal.aborted) return EXIT_INTERRUPTED;
        throw thrown;
      } finally {
        bar.stop();
        await writer.close();
      }
    }),
};

function printReport({ output }: Call, report: BackupReport): void {
  if (output.json) {
    output.printJson(report);
    return;
  }
  const { path, bytes, deleted, warnings } = report;
  output.print(`Backed up and checked: ${asLine(path)} (${renderBytes(bytes)}).`);
  if (deleted.length > 0) output.print(`Deleted ${counted(deleted.length, "older backup")}.`);
  for (const { item, reason } of warnings) output.note(`${asLine(item)} ${asLine(reason)}`);
}

function parseKeep(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const keep = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (keep >= 1) return keep;
  throw new KnowledgeError(
    "invalid_input",
    `keep is "${text.slice(0, 40)}", which is no number from 1 to 9999.`,
    {
      field: "keep",
      hint: "Leave it out to keep all backups.",
    },
  );
}
