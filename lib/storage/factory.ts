import { randomUUID } from "node:crypto";
import type { StorageAdapter } from "./adapter.ts";
import type { ForeignTables } from "./contract/foreign-tables.ts";
import type { SalvageReport } from "./contract/upkeep.ts";
import type { PostgresOptions } from "./postgres/adapter.ts";
import type { BackupRequest, SqliteBackup } from "./sqlite/backup.ts";
import type { Replacement } from "./sqlite/replace.ts";

/** Which engine holds the store, and where. */
export type StorageConfig =
  | {
      readonly type: "sqlite";
      readonly file: string;
      readonly thread?: "worker" | "inline" | undefined;
      readonly synchronous?: "normal" | "full" | undefined;
      /** Never write, and do not create the file. */
      readonly readonly?: boolean | undefined;
      /** False: do not create the file. Default true. */
      readonly create?: boolean | undefined;
      /** False: leave an older schema as it is; only `upkeep.migrate` works then. */
      readonly migrate?: boolean | undefined;
      /** Folder for a backup before the schema of a store with data changes. None: no backup. */
      readonly backups?: string | undefined;
      /** True: a file that follows a PostgreSQL store becomes a store of its own now. */
      readonly release?: boolean | undefined;
    }
  | ({
      readonly type: "postgres";
      /** True: this caller may change the schema of a shared database (RULES 6). Default false. */
      readonly ddl?: boolean | undefined;
    } & Omit<PostgresOptions, "migrate">)
  | ({
      readonly type: "hybrid";
      /** The SQLite file that follows PostgreSQL. */
      readonly file: string;
      readonly thread?: "worker" | "inline" | undefined;
      readonly ddl?: boolean | undefined;
      /** Told to whoever operates it: a sentence. */
      readonly onNotice?: ((sentence: string) => void) | undefined;
    } & Omit<PostgresOptions, "migrate" | "tenant">);

/**
 * Opens the engine that the configuration names; an engine is loaded only when it is asked for.
 * @throws KnowledgeError `unavailable`, `corrupt`, `schema_mismatch`, or `unsupported` for an engine that
 * this version does not have.
 */
export async function createStorageAdapter(config: StorageConfig): Promise<StorageAdapter> {
  switch (config.type) {
    case "sqlite": {
      const { SqliteStorage } = await import("./sqlite/adapter.ts");
      return SqliteStorage.open(config);
    }
    case "postgres": {
      const { PostgresStorage } = await import("./postgres/adapter.ts");
      return PostgresStorage.open({ ...config, migrate: config.ddl });
    }
    case "hybrid":
      return openHybrid(config);
    default:
      return config satisfies never;
  }
}

/** PostgreSQL, opened when it can be reached, and its copy beside it. */
async function openHybrid(config: Extract<StorageConfig, { type: "hybrid" }>): Promise<StorageAdapter> {
  const [{ SqliteStorage }, { PostgresStorage }, { isAway }, { parseAddress }, { HybridStorage }] =
    await Promise.all([
      import("./sqlite/adapter.ts"),
      import("./postgres/adapter.ts"),
      import("./postgres/errors.ts"),
      import("./postgres/address.ts"),
      import("./hybrid/adapter.ts"),
    ]);
  const { location } = parseAddress(config.url, config.ssl);
  const copy = await SqliteStorage.open({ file: config.file, thread: config.thread });
  return HybridStorage.open({
    openPrimary: () => PostgresStorage.open({ ...config, migrate: config.ddl }),
    ...{ isAway, copy, location, holder: randomUUID(), onNotice: config.onNotice },
  });
}

/**
 * What can still be read of a SQLite file that is too damaged to be opened as a store; with `into`, copies it
 * to a new file. The damaged file is only read.
 * @throws KnowledgeError `conflict` when something is at `into` already, `unavailable` when there is no file.
 */
export async function salvageStore(file: string, into?: string): Promise<SalvageReport> {
  const { salvage, salvageReport } = await import("./sqlite/salvage.ts");
  return into === undefined ? salvageReport(file) : salvage(file, into);
}

/** The tables of another program's SQLite file, read from a copy. @throws KnowledgeError `invalid_input`, `unavailable`. */
export async function openForeignTables(file: string): Promise<ForeignTables> {
  const sqlite = await import("./sqlite/foreign-tables.ts");
  return sqlite.openForeignTables(file);
}

/** A copy of a SQLite store as it is now, checked, in a new file of a folder. @throws KnowledgeError `unavailable`, `corrupt`. */
export async function backupSqliteStore(request: BackupRequest): Promise<SqliteBackup> {
  const { backupSqlite } = await import("./sqlite/backup.ts");
  return backupSqlite(request);
}

/** Puts a store's file in the place of another, which is kept; see `replaceStore`. */
export async function replaceSqliteStore(replacement: Replacement): Promise<void> {
  const { replaceStore } = await import("./sqlite/replace.ts");
  return replaceStore(replacement);
}

/** Whether something stands there that may hold data. */
export async function isSqliteStoreAt(file: string): Promise<boolean> {
  const { isStoreAt } = await import("./sqlite/replace.ts");
  return isStoreAt(file);
}
