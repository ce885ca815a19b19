import { basename, resolve } from "node:path";
import type { Config } from "../../config.ts";
import { parseBackupName } from "../../domain/backup.ts";
import { KnowledgeError } from "../../domain/error.ts";
import type { BackupReport } from "../../knowledge/backup.ts";
import type { BackupList } from "../../knowledge/list-backups.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { renderBytes } from "../facts.ts";
import { withInterrupt } from "../interrupt.ts";
import { openStepBars, type StepBars } from "../step-bars.ts";
import { loadSettings } from "../store.ts";
import { renderTable } from "../table.ts";
import { asLine } from "../terminal-text.ts";

interface Options {
  readonly output?: string;
  readonly keep?: string;
  readonly list?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--output <place>", "folder, or s3://bucket/prefix (default: backups in AIKNOWSYS_HOME)")
      .option("--keep <n>", "delete older backups of this store there, all but n with the new one")
      .option("--list", "make none, and list those that are there, of all stores");
  },
  examples: [
    "aiknowsys backup",
    "aiknowsys backup --output /mnt/backups --keep 14",
    "aiknowsys backup --output s3://my-backups/aiknowsys --keep 14",
    "aiknowsys backup --list --output s3://my-backups/aiknowsys",
  ],
  run: async (call) => {
    const { keep: given, list = false } = call.command.opts<Options>();
    const keep = parseKeep(given);
    const config = await loadSettings(call);
    if (list) return listPlace(call, config);
    return withInterrupt(call, (signal) => writeBackup(call, { config, keep, signal }));
  },
};

interface Writing {
  readonly config: Config;
  readonly keep: number | undefined;
  readonly signal: AbortSignal;
}

async function writeBackup(call: Call, { config, keep, signal }: Writing): Promise<number> {
  const place = await placeOf(call, config);
  const { openBackupWriter } = await import("../../compose.ts");
  const bars = openStepBars(call, signal);
  const onProgress = (done: number, total: number): void => bars.update("Records", done, total);
  const writer = await openBackupWriter(config, { onProgress, signal });
  try {
    const report = await backUp(writer, { config, place, keep, signal, bars });
    bars.stop();
    printReport(call, report);
    return report.warnings.length === 0 ? 0 : EXIT_SOME_FAILED;
  } catch (thrown) {
    if (signal.aborted) return EXIT_INTERRUPTED;
    throw thrown;
  } finally {
    bars.stop();
    await writer.close();
  }
}

type Writer = Awaited<ReturnType<typeof import("../../compose.ts")["openBackupWriter"]>>;
type BackupPlace = Awaited<ReturnType<typeof placeOf>>;

/** What is counted in each step. */
const STEPS = { send: "Sent", check: "Checked" } as const;

async function backUp(
  writer: Writer,
  { config, place, keep, signal, bars }: Writing & { readonly place: BackupPlace; readonly bars: StepBars },
): Promise<BackupReport> {
  if (typeof place === "string") {
    const { backup } = await import("../../knowledge/backup.ts");
    return backup(writer, writer.write, { folder: place, keep });
  }
  const { backupFolder } = await import("../../compose.ts");
  const { withScratch } = await import("../../compose-bucket.ts");
  const { backupToBucket } = await import("../../knowledge/backup-in-bucket.ts");
  return withScratch(backupFolder(config), (scratch) =>
    backupToBucket(writer, writer.write, {
      ...{ bucket: place, scratch, keep, signal },
      onProgress: (step, done, total) => bars.update(STEPS[step], done, total),
    }),
  );
}

/** A folder, or a place in a bucket. */
async function placeOf({ command, door }: Call, config: Config) {
  const { output } = command.opts<Options>();
  if (output === undefined) return (await import("../../compose.ts")).backupFolder(config);
  const { bucketAt } = await import("../../compose-bucket.ts");
  return bucketAt(output, door.env) ?? resolve(door.cwd, output);
}

async function listPlace(call: Call, config: Config): Promise<number> {
  const { listBackups } = await import("../../knowledge/list-backups.ts");
  const list = await listBackups(await placeOf(call, config));
  if (call.output.json) call.output.printJson(list);
  else printList(call, list);
  return 0;
}

function printList({ output }: Call, { place, backups }: BackupList): void {
  if (backups.length === 0) {
    output.print(`No backups in ${asLine(place)}.`);
    return;
  }
  const columns = [
    { title: "at", cell: ({ at }: (typeof backups)[number]) => at },
    { title: "store", cell: ({ engine, store }: (typeof backups)[number]) => `${engine} ${store}` },
    { title: "tenant", cell: ({ tenant }: (typeof backups)[number]) => tenant ?? "", minor: true },
    { title: "size", cell: ({ bytes }: (typeof backups)[number]) => renderBytes(bytes), right: true },
    { title: "path", cell: ({ path }: (typeof backups)[number]) => path },
  ];
  output.print(
    renderTable(columns, backups, {
      width: output.width,
      emphasise: (text) => output.style("bold", text),
    }),
  );
}

function printReport({ output }: Call, report: BackupReport): void {
  if (output.json) {
    output.printJson(report);
    return;
  }
  const { path, bytes, deleted, warnings } = report;
  output.print(`${verdictOn(report)}: ${asLine(path)} (${renderBytes(bytes)}).`);
  if (deleted.length > 0) output.print(`Deleted ${counted(deleted.length, "older backup")}.`);
  for (const { item, reason } of warnings) output.note(`${asLine(item)} ${asLine(reason)}`);
}

function verdictOn({ path, damaged }: BackupReport): string {
  if (damaged === 0) return "Backed up and checked";
  const rows = counted(damaged, "damaged row is", "damaged rows are");
  const isCopy = parseBackupName(basename(path))?.engine === "sqlite";
  return `Backed up; ${rows} ${isCopy ? `in it as ${damaged === 1 ? "it is" : "they are"}` : "left out of it"}`;
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
