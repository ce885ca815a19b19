import type { Command } from "commander";
import type { Config } from "../config.ts";
import type { Deps } from "../knowledge/deps.ts";
import type { Call } from "./command.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "./errors.ts";
import { globalFlags } from "./globals.ts";
import { withInterrupt } from "./interrupt.ts";
import { openStepBars } from "./step-bars.ts";
import { parseCount } from "./store-migration-options.ts";
import { printMigrationReport } from "./store-migration-report.ts";

type Engine = "sqlite" | "postgres";

/** Rows that are compared field by field, besides the comparison of everything. */
const SAMPLED = 100;

interface Options {
  readonly dryRun?: boolean;
  readonly batchSize?: string;
  readonly regenerateEmbeddings?: boolean;
}

/** Options of both directions. */
export function defineMigration(parser: Command): void {
  parser
    .option("--dry-run", "read and check everything, write nothing")
    .option("--batch-size <n>", "records of one transaction, 1 to 10000 (default: 1000)")
    .option(
      "--regenerate-embeddings",
      "leave vectors behind and make them anew with the model of the settings",
    )
    .option("--resume", "finish a copy that was broken off; what is there already is not written again");
}

/** Copies everything from the store of one engine to that of another, both as the settings name them, and compares. */
export async function runMigration(call: Call, from: Engine, to: Engine): Promise<number> {
  const options = call.command.opts<Options>();
  const batchSize = parseCount("batchSize", options.batchSize);
  const { compose } = await import("../compose.ts");
  const source = await compose(await settingsFor(call, from), { thread: "inline", readonly: true });
  try {
    const target = await compose(await settingsFor(call, to), {
      thread: "inline",
      // A copy that holds everything stands alone from here on.
      release: options.dryRun !== true,
    });
    try {
      return await withInterrupt(call, (signal) =>
        migrate(call, { source: source.deps, target: target.deps, options, batchSize, signal }),
      );
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function settingsFor({ command, door }: Call, storage: Engine): Promise<Config> {
  const { loadConfig } = await import("../config.ts");
  // Both places may be given here, each is for one of the two stores.
  const other = storage === "sqlite" ? { connection: undefined } : { db: undefined };
  const flags = { ...globalFlags(command), storage, ...other };
  // A tenant that is named is the shared store's; a SQLite store has but one.
  const tenant = storage === "sqlite" ? { tenant: "default" } : {};
  return loadConfig({ flags: { ...flags, ...tenant }, env: door.env, cwd: door.cwd });
}

interface Migration {
  readonly source: Deps;
  readonly target: Deps;
  readonly options: Options;
  readonly batchSize: number | undefined;
  readonly signal: AbortSignal;
}

async function migrate(
  call: Call,
  { source, target, options, batchSize, signal }: Migration,
): Promise<number> {
  const { migrateBetween } = await import("../knowledge/migrate-store.ts");
  const { dryRun, regenerateEmbeddings: withoutVectors = false } = options;
  const bars = openStepBars(call, signal);
  const report = await migrateBetween(target, {
    ...{ source: source.storage, target: target.storage, dryRun, batchSize, withoutVectors, signal },
    sampleRows: SAMPLED,
    onProgress: (step, done, total) => bars.update(step === "copy" ? "Records" : "Compare", done, total),
  }).finally(() => bars.stop());
  if (withoutVectors && dryRun !== true && !signal.aborted) await embed(call, target, signal);
  if (call.output.json) call.output.printJson(report);
  else printMigrationReport(call.output, report);
  if (signal.aborted) return EXIT_INTERRUPTED;
  return report.ok ? 0 : EXIT_SOME_FAILED;
}

async function embed(call: Call, deps: Deps, signal: AbortSignal): Promise<void> {
  const { embedOwed } = await import("../knowledge/embed-owed.ts");
  const bars = openStepBars(call, signal);
  await embedOwed(deps, { signal, onProgress: (done, total) => bars.update("Vectors", done, total) }).finally(
    () => bars.stop(),
  );
}
