import type { Command } from "commander";
import type { Config } from "../config.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Deps } from "../knowledge/deps.ts";
import type { Call } from "./command.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "./errors.ts";
import { globalFlags } from "./globals.ts";
import { withInterrupt } from "./interrupt.ts";
import { openStepBars } from "./step-bars.ts";
import { parseCount } from "./store-migration-options.ts";
import { printMigrationReport } from "./store-migration-report.ts";

type Engine = "sqlite" | "postgres";

const BATCH_SIZE = { field: "batchSize", most: 10_000, hint: "Leave it out for 1000." } as const;
const WORKERS = {
  ...{ field: "workers", most: 64, hint: "Leave it out for as many as cores and memory allow." },
} as const;
/** Rows that are compared field by field, besides the comparison of everything. */
const SAMPLED = 100;

interface Options {
  readonly dryRun?: boolean;
  readonly batchSize?: string;
  readonly regenerateEmbeddings?: boolean;
  readonly workers?: string;
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
    .option(
      "--workers <n>",
      "with --regenerate-embeddings: models, or requests, that work side by side (default: as cores and memory allow)",
    )
    .option("--resume", "finish a copy that was broken off; what is there already is not written again");
}

/** Copies everything from the store of one engine to that of another, both as the settings name them, and compares. */
export async function runMigration(call: Call, from: Engine, to: Engine): Promise<number> {
  const options = call.command.opts<Options>();
  const batchSize = parseCount(options.batchSize, BATCH_SIZE);
  const { compose } = await import("../compose.ts");
  const targetSettings = await settingsFor(call, to);
  const workers = await workersFor(options, targetSettings);
  const source = await compose(await settingsFor(call, from), { thread: "inline", readonly: true });
  try {
    const target = await compose(targetSettings, {
      thread: "inline",
      modelWorkers: workers,
      // A copy that holds everything stands alone from here on.
      release: options.dryRun !== true,
    });
    try {
      return await withInterrupt(call, (signal) =>
        migrate(call, { source: source.deps, target: target.deps, options, batchSize, workers, signal }),
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
  readonly workers: number;
  readonly signal: AbortSignal;
}

async function migrate(
  call: Call,
  { source, target, options, batchSize, workers, signal }: Migration,
): Promise<number> {
  const { migrateBetween } = await import("../knowledge/migrate-store.ts");
  const { regenerateVectors, requireModel } = await import("../knowledge/regenerate-vectors.ts");
  const { dryRun = false, regenerateEmbeddings: withoutVectors = false } = options;
  if (withoutVectors) requireModel(target);
  const bars = openStepBars(call, signal);
  const report = await migrateBetween(target, {
    ...{ source: source.storage, target: target.storage, dryRun, batchSize, withoutVectors, signal },
    sampleRows: SAMPLED,
    onProgress: (step, done, total) => bars.update(step === "copy" ? "Records" : "Compare", done, total),
  }).finally(() => bars.stop());
  const isRegenerated = withoutVectors && !dryRun && !signal.aborted;
  const onProgress = (done: number, total: number) => bars.update("Vectors", done, total);
  const vectors = isRegenerated
    ? await regenerateVectors(target, { workers, signal, onProgress }).finally(() => bars.stop())
    : undefined;
  const ok = report.ok && (vectors?.owed ?? 0) === 0;
  const whole = { ...report, ok, ...(vectors && { vectors }) };
  if (call.output.json) call.output.printJson(whole);
  else printMigrationReport(call.output, whole);
  if (signal.aborted) return EXIT_INTERRUPTED;
  return ok ? 0 : EXIT_SOME_FAILED;
}

/** @throws KnowledgeError `invalid_input` */
async function workersFor({ workers, regenerateEmbeddings }: Options, settings: Config): Promise<number> {
  const asked = parseCount(workers, WORKERS);
  if (regenerateEmbeddings !== true) {
    if (asked === undefined) return 1;
    throw new KnowledgeError(
      "invalid_input",
      "workers are for making vectors anew, which was not asked for.",
      {
        ...{ field: "workers", hint: "Add --regenerate-embeddings, or leave --workers out." },
      },
    );
  }
  const { workersOf } = await import("../compose.ts");
  return workersOf(settings, asked);
}
