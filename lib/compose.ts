import { randomBytes } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Config } from "./config.ts";
import { openCursorFile } from "./cursor-file.ts";
import { storeMark } from "./domain/backup.ts";
import { KnowledgeError } from "./domain/error.ts";
import { timestampOf } from "./domain/timestamp.ts";
import { fittingWorkers } from "./embedding/fitting-workers.ts";
import { openEmbedder } from "./embedding/registry.ts";
import type { WriteBackup } from "./knowledge/backup.ts";
import type { Deps, Logger } from "./knowledge/deps.ts";
import type { ExportRequest } from "./knowledge/export-store.ts";
import type { RestoreRequest, RestoreTarget } from "./knowledge/restore.ts";
import { isSqliteFile } from "./knowledge/sqlite-file.ts";
import type { Place } from "./knowledge/verify-against.ts";
import { openLogger } from "./log.ts";
import { postgresSettings } from "./postgres-settings.ts";
import type { ForeignTables } from "./storage/contract/foreign-tables.ts";
import type { KeepCopy } from "./storage/contract/tenant-copy.ts";
import type { SalvageReport } from "./storage/contract/upkeep.ts";
import {
  backupSqliteStore,
  createStorageAdapter,
  isSqliteStoreAt,
  openForeignTables,
  replaceSqliteStore,
  type StorageConfig,
  salvageStore,
} from "./storage/factory.ts";

/** What was opened; whoever asked for it closes it. */
export interface Opened {
  readonly deps: Deps;
  close(): Promise<void>;
}

export interface ComposeOptions {
  /** `inline` answers sooner (one command), `worker` keeps the event loop free (a server). */
  readonly thread: "inline" | "worker";
  readonly readonly?: boolean;
  /** False: a SQLite file that is not there is refused, not created. Default true. */
  readonly create?: boolean;
  /** False opens a store of an older schema as it is. Default true. */
  readonly migrate?: boolean;
  /** True for the few commands that may change the schema of a shared database (RULES 6). Default false. */
  readonly ddl?: boolean;
  /** False: no backup before the schema changes. Default true. */
  readonly backup?: boolean;
  /** True: a SQLite store that follows PostgreSQL becomes a store of its own now. Default false. */
  readonly release?: boolean;
  /** Milliseconds without a call after which the model is let go. */
  readonly modelIdleMs?: number;
  /** Models, or requests to a provider, that work side by side. Default 1. */
  readonly modelWorkers?: number;
  /** Threads of the model for one text. */
  readonly modelThreads?: number | undefined;
}

/** Opens storage and embedder for a configuration: the only place that does. The model is not loaded yet. */
export async function compose(config: Config, options: ComposeOptions): Promise<Opened> {
  const log = openLogger(config.logLevel, process.stderr);
  const storage = await createStorageAdapter(storageFor(config, options, log));
  const embedder = openEmbedder({
    ...config.embedding,
    ...(options.modelIdleMs !== undefined && { idleMs: options.modelIdleMs }),
    ...(options.modelWorkers !== undefined && { workers: options.modelWorkers }),
    threads: options.modelThreads,
  });
  const deps: Deps = Object.freeze({
    storage,
    embedder,
    embeddingProvider: config.embedding.provider,
    clock: Date.now,
    random: (bytes: number) => randomBytes(bytes),
    log,
    actor: config.actor,
    cursors: openCursorFile(join(config.home, "cursors.json"), log),
    cwd: config.cwd,
    documents: config.documents,
  });
  return {
    deps,
    close: async () => {
      await embedder?.close();
      await storage.close();
    },
  };
}

/**
 * How many models, or requests to a provider, may work side by side under these settings. @param asked as the user said
 */
export function workersOf({ embedding }: Config, asked: number | undefined): number {
  return fittingWorkers(embedding.provider, asked);
}

/** Where backups go, unless a command is told otherwise. */
export function backupFolder({ home }: Config): string {
  return join(home, "backups");
}

function beforeSchemaChanges(
  config: Config,
  { backup = true }: ComposeOptions,
): { readonly backups?: string; readonly keepCopy?: KeepCopy } {
  if (!backup) return {};
  const folder = backupFolder(config);
  const { storage } = config;
  if (storage.type === "sqlite") return { backups: folder };
  const keepCopy: KeepCopy = async ({ tenant, transfer }) => {
    const { backupTenant } = await import("./knowledge/backup.ts");
    const store = storeMark(locationOf(storage), tenant);
    const at = timestampOf(Date.now());
    await backupTenant({ clock: Date.now }, { storage: { transfer }, tenant, store, folder, at });
  };
  return { keepCopy };
}

function inTenant(settings: Config["storage"], tenant: string): StorageConfig {
  return settings.type === "postgres" ? { ...settings, tenant } : settings;
}

/** Where a database is, without credentials. */
function locationOf({ url }: { readonly url: string }): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

export interface OpenBackupWriter extends Pick<Deps, "clock"> {
  readonly write: WriteBackup;
  close(): Promise<void>;
}

/** What writes a backup of the store of the settings; whoever opens it closes it. */
export async function openBackupWriter(
  config: Config,
  watching: Pick<ExportRequest, "onProgress" | "signal">,
): Promise<OpenBackupWriter> {
  const { storage: settings, tenant } = config;
  if (settings.type === "sqlite") {
    const { file } = settings;
    const write: WriteBackup = (request) => backupSqliteStore({ file, ...request });
    return { clock: Date.now, write, close: async () => undefined };
  }
  const { backupTenant } = await import("./knowledge/backup.ts");
  const storage = await createStorageAdapter(inTenant(settings, tenant));
  const store = storeMark(locationOf(settings), tenant);
  return {
    clock: Date.now,
    write: (request) =>
      backupTenant({ clock: Date.now }, { storage, tenant, store, ...request, ...watching }),
    close: () => storage.close(),
  };
}

/** Where a backup is restored to, opened where it is a database; whoever opens it closes it. */
export interface OpenRestoreTarget extends Pick<RestoreRequest, "target" | "openFile"> {
  readonly deps: Pick<Deps, "clock" | "actor">;
  close(): Promise<void>;
}

/** @param into an address or a path; the store of the settings without */
export async function openRestoreTarget(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  into: string | undefined,
): Promise<OpenRestoreTarget> {
  const openFile = (file: string) => createStorageAdapter({ type: "sqlite", file, thread: "inline" });
  const deps = { clock: Date.now, actor: config.actor };
  const settings = restoreSettings(config, env, into);
  if (settings.type === "sqlite") {
    // A link goes on leading there.
    const file = await realpath(settings.file).catch(() => settings.file);
    const isFolder = (await stat(file).catch(() => undefined))?.isDirectory();
    if (isFolder === true) throw folderInPlace(file);
    const target: RestoreTarget = {
      ...{ is: "file", file, isTaken: await isSqliteStoreAt(file) },
      replace: (prepared, kept) => replaceSqliteStore({ prepared, file, kept }),
    };
    return { deps, target, openFile, close: async () => undefined };
  }
  const storage = await createStorageAdapter(inTenant(settings, config.tenant));
  const target: RestoreTarget = { is: "store", storage, location: locationOf(settings) };
  return { deps, target, openFile, close: () => storage.close() };
}

function restoreSettings(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  into: string | undefined,
): Config["storage"] {
  if (into === undefined) return config.storage;
  if (!/^postgres(ql)?:/.test(into)) {
    if (/^[a-z][a-z\d+.-]+:\/\//i.test(into)) throw noPlace(into);
    return { type: "sqlite", file: resolve(config.cwd, into), synchronous: "normal" };
  }
  const settings = postgresSettings(into, (name) => env[name] || undefined);
  return { type: "postgres", ...settings, readUrl: undefined, directUrl: undefined };
}

function noPlace(into: string): KnowledgeError {
  const scheme = into.replace(/:.*/s, "").slice(0, 40);
  return new KnowledgeError("invalid_input", `A backup cannot be restored into an address of ${scheme}.`, {
    field: "into",
    hint: "Give the path of a SQLite file, or a PostgreSQL address: postgres://user@host/database.",
  });
}

function folderInPlace(path: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${path} is a folder; a store is a single file.`, {
    field: "into",
    hint: "Name a file in it, for example knowledge.db.",
  });
}

function storageFor(config: Config, options: ComposeOptions, log: Logger): StorageConfig {
  const { storage, tenant } = config;
  const how = { ...options, ...beforeSchemaChanges(config, options) };
  switch (storage.type) {
    case "sqlite":
      return { ...storage, ...how };
    case "postgres":
      return { ...storage, ...how, tenant };
    case "hybrid":
      return { ...storage, ...how, onNotice: (sentence) => log.warn(sentence) };
    default:
      return storage satisfies never;
  }
}

/** Another store or an export, opened for reading; whoever asked for it closes it. */
export type OpenPlace = Place & { close(): Promise<void> };

/**
 * What an address or a path leads to: a PostgreSQL store, a SQLite file, or an export. Nothing is made or changed
 * there. @throws KnowledgeError `not_found`, `invalid_input`, `unavailable`, `schema_mismatch`.
 */
export async function openPlace(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  address: string,
): Promise<OpenPlace> {
  const storage = await storageAt(config, env, address);
  if (storage === undefined) {
    return { is: "export", path: resolve(config.cwd, address), close: async () => undefined };
  }
  const opened = await createStorageAdapter(storage);
  return { is: "store", storage: opened, close: () => opened.close() };
}

async function storageAt(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  address: string,
): Promise<StorageConfig | undefined> {
  if (/^postgres(ql)?:/.test(address)) {
    const settings = postgresSettings(address, (name) => env[name] || undefined);
    // Its replica and the way past its pooler are those of the store in the settings.
    return { type: "postgres", ...settings, readUrl: undefined, directUrl: undefined, tenant: config.tenant };
  }
  const file = resolve(config.cwd, address);
  const isSqlite = await isSqliteFile(file).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `There is no file ${file}.`, {
      hint: "Give a PostgreSQL address, a SQLite file, or what `aiknowsys export-db` wrote.",
      cause,
    });
  });
  return isSqlite ? { type: "sqlite", file, readonly: true, thread: "inline" } : undefined;
}

/**
 * What can be read of a SQLite store that is too damaged to be opened; with `copy`, the readable rows go into
 * a new file beside it. `undefined` for other engines.
 */
export async function salvage(
  config: Config,
  options: { readonly copy: boolean },
): Promise<{ readonly saved: SalvageReport; readonly into?: string } | undefined> {
  if (config.storage.type !== "sqlite") return undefined;
  const { file } = config.storage;
  if (!options.copy) return { saved: await salvageStore(file) };
  const into = file.replace(/(?:\.db)?$/, `.salvaged-${Date.now()}.db`);
  return { saved: await salvageStore(file, into), into };
}

/** The tables of another program's SQLite file; whoever asked for them closes them. Nothing is changed there. */
export function openPeerTables(file: string): Promise<ForeignTables> {
  return openForeignTables(file);
}
