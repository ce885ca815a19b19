import { rmSync } from "node:fs";
import { join } from "node:path";
import { compose, type Opened } from "../../lib/compose.ts";
import { environment, loadConfig } from "../../lib/config.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import type { Measurement } from "../measure.ts";
import { type BenchDatabase, fillDatabase } from "./database.ts";
import { ISOLATED_SEARCH, measureModes } from "./index-modes.ts";
import { measureUse, USES, usesOf } from "./operations.ts";
import { benchServer } from "./server.ts";
import { fiftyProjects, type TenantPlan, unequalTenants } from "./tenants.ts";
import { measureWrites, WRITES } from "./writes.ts";

/** What can be named to measure it alone. */
export const POSTGRES_OPERATIONS = [...USES, ...WRITES, ISOLATED_SEARCH];

export interface PostgresBench {
  /** Folder for what the bench needs on disk. */
  readonly home: string;
  readonly eventCounts: readonly number[];
  /** A login that may create databases. */
  readonly connection: string | undefined;
  readonly isWanted: (operation: string) => boolean;
  readonly add: (line: Measurement) => void;
  readonly say: (text: string) => void;
}

/** Measures the product on PostgreSQL: a database of its own for each number of events, deleted afterwards. */
export async function benchPostgres(bench: PostgresBench): Promise<void> {
  const { add } = bench;
  const server = benchServer(bench.connection);
  const opened = await openProduct(bench.home);
  const wantsTenants = [...USES, ...WRITES].some(bench.isWanted);
  const filled = async (plan: TenantPlan, measure: (database: BenchDatabase) => Promise<void>) => {
    const database = await fillDatabase({ server, plan, opened, say: bench.say });
    try {
      await measure(database);
    } finally {
      await database.drop();
    }
  };
  try {
    for (const events of bench.eventCounts) {
      if (wantsTenants) await filled(unequalTenants(events), (database) => measureTenants(database, bench));
      if (bench.isWanted(ISOLATED_SEARCH))
        await filled(fiftyProjects(events), (database) => measureModes(database, add));
    }
  } finally {
    await opened.close();
  }
}

/** The product over a store of its own: for its embedder and its way to draft events. */
export function openProduct(home: string): Promise<Opened> {
  const env = { ...environment(), AIKNOWSYS_HOME: home, STORAGE_TYPE: "sqlite", AIKNOWSYS_LOG_LEVEL: "warn" };
  const db = join(home, "embedder.db");
  // One of an older schema, made by an earlier run, would be refused.
  for (const end of ["", "-wal", "-shm"]) rmSync(`${db}${end}`, { force: true });
  const config = loadConfig({ flags: { db }, env, cwd: home });
  return compose(config, { thread: "inline", modelIdleMs: 3_600_000 });
}

async function measureTenants(
  database: BenchDatabase,
  { isWanted, add }: Pick<PostgresBench, "isWanted" | "add">,
): Promise<void> {
  const exact = await PostgresStorage.open({ url: database.url, vectorIndex: "exact" });
  try {
    for (const use of usesOf(database))
      if (isWanted(use.name)) add(await measureUse(database, use, { exact }));
    if (WRITES.some(isWanted)) for (const line of await measureWrites(database)) add(line);
  } finally {
    await exact.close();
  }
}
