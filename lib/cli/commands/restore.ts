import { resolve } from "node:path";
import type { Bucket } from "../../bucket/bucket.ts";
import type { OpenRestoreTarget } from "../../compose.ts";
import type { Config } from "../../config.ts";
import type { RestoreReport } from "../../knowledge/restore.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_SOME_FAILED } from "../errors.ts";
import { globalFlags } from "../globals.ts";
import { openStepBars, type StepBars } from "../step-bars.ts";
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
      .argument(
        "<backup>",
        "what backup wrote, with its checksum beside it: a file, or s3://bucket/prefix/name",
      )
      .option("--into <place>", "a SQLite file or a PostgreSQL address instead of the store in the settings")
      .option(
        "--force",
        "replace a store that stands there: a file is kept beside it, a database's records are replaced",
      );
  },
  examples: [
    "aiknowsys restore backups/aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db --into drill.db",
    "aiknowsys restore backups/aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db --force",
    "aiknowsys restore s3://my-backups/aiknowsys/aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db --into drill.db",
  ],
  run: async (call) => {
    const { into } = call.command.opts<Options>();
    const config = await settingsFor(call, into);
    const { openRestoreTarget } = await import("../../compose.ts");
    const { objectAt } = await import("../../compose-bucket.ts");
    const named = call.command.args[0] ?? "";
    const inBucket = objectAt(named, call.door.env);
    const opened = await openRestoreTarget(config, call.door.env, into);
    const bars = openStepBars(call);
    try {
      const report =
        inBucket === undefined
          ? await restoreFile(call, { opened, bars, backup: resolve(call.door.cwd, named) })
          : await restoreObject(call, { opened, bars, config, ...inBucket });
      bars.stop();
      printReport(call, report);
      return report.ok ? 0 : EXIT_SOME_FAILED;
    } finally {
      bars.stop();
      await opened.close();
    }
  },
};

/** A tenant that is named is one of the database that is restored into, whatever engine the settings name. */
async function settingsFor(call: Call, into = ""): Promise<Config> {
  if (!/^postgres(ql)?:/.test(into)) return loadSettings(call);
  const { loadConfig } = await import("../../config.ts");
  const { command, door } = call;
  const flags = { ...globalFlags(command), storage: "postgres", connection: into, db: undefined };
  return loadConfig({ flags, env: door.env, cwd: door.cwd });
}

interface Restoring {
  readonly opened: OpenRestoreTarget;
  readonly bars: StepBars;
}

async function restoreFile(
  { command }: Call,
  { opened, bars, backup }: Restoring & { readonly backup: string },
): Promise<RestoreReport> {
  const { restore } = await import("../../knowledge/restore.ts");
  const { force } = command.opts<Options>();
  return restore(opened.deps, {
    ...{ ...opened, backup, force },
    onProgress: (step, done, total) => bars.update(STEPS[step], done, total),
  });
}

interface InBucket extends Restoring {
  readonly config: Config;
  readonly bucket: Bucket;
  readonly name: string;
}

async function restoreObject(
  call: Call,
  { config, bucket, name, ...rest }: InBucket,
): Promise<RestoreReport> {
  const { backupFolder } = await import("../../compose.ts");
  const { withScratch } = await import("../../compose-bucket.ts");
  const { fetchBackup } = await import("../../knowledge/backup-in-bucket.ts");
  const { refuseStanding } = await import("../../knowledge/restore.ts");
  const { force } = call.command.opts<Options>();
  await refuseStanding(rest.opened.target, force);
  return withScratch(backupFolder(config), async (folder) => {
    const onProgress = (done: number, total: number) => rest.bars.update("Fetched", done, total);
    const backup = await fetchBackup(bucket, { name, folder, onProgress });
    return { ...(await restoreFile(call, { ...rest, backup })), backup: bucket.addressOf(name) };
  });
}

function printReport({ output }: Call, report: RestoreReport): void {
  if (output.json) {
    output.printJson(report);
    return;
  }
  if (Object.keys(report.kinds).length > 0) printTransferReport(output, report);
  output.print(`Restored ${counted(report.found, "record")} into ${asLine(report.into)}.`);
  if (report.kept !== undefined)
    output.print(`The store that stood there is kept as ${asLine(report.kept)}.`);
}
