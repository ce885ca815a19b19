import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { openCursorFile } from "./cursor-file.ts";
import { openEmbedder } from "./embedding/registry.ts";
import type { Deps } from "./knowledge/deps.ts";
import { openLogger } from "./log.ts";
import type { SalvageReport } from "./storage/contract/upkeep.ts";
import { createStorageAdapter, salvageStore } from "./storage/factory.ts";

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
