import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Config } from "./config.ts";
import { openCursorFile } from "./cursor-file.ts";
import { KnowledgeError } from "./domain/error.ts";
import { openEmbedder } from "./embedding/registry.ts";
import type { Deps } from "./knowledge/deps.ts";
import type { Place } from "./knowledge/verify-against.ts";
import { openLogger } from "./log.ts";
import { postgresSettings } from "./postgres-settings.ts";
import type { ForeignTables } from "./storage/contract/foreign-tables.ts";
import type { SalvageReport } from "./storage/contract/upkeep.ts";
import {
  createStorageAdapter,
  openForeignTables,
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
  /** False opens a store of an older schema as it is. Default true. */
  readonly migrate?: boolean;
  /** True for the few commands that may change the schema of a shared database (RULES 6). Default false. */
  readonly ddl?: boolean;
  /** Milliseconds without a call after which the model is let go. */
  readonly modelIdleMs?: number;
}

/** Opens storage and embedder for a configuration: the only place that does. The model is not loaded yet. */
export async function compose(config: Config, options: ComposeOptions): Promise<Opened> {
  const log = openLogger(config.logLevel, process.stderr);
  const opening = { ...config.storage, ...options };
  const storage = await createStorageAdapter(
    opening.type === "postgres" ? { ...opening, tenant: config.tenant } : opening,
  );
  const embedder = openEmbedder({
    ...config.embedding,
    ...(options.modelIdleMs !== undefined && { idleMs: options.modelIdleMs }),
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
  return (await isSqlite(file)) ? { type: "sqlite", file, readonly: true, thread: "inline" } : undefined;
}

/** By the first bytes of the format (https://sqlite.org/fileformat.html). */
async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `There is no file ${path}.`, {
      hint: "Give a PostgreSQL address, a SQLite file, or what `aiknowsys export-db` wrote.",
      cause,
    });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return bytesRead === 16 && buffer.toString("latin1") === "SQLite format 3\0";
  } finally {
    await file.close();
  }
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
