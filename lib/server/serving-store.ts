import { KnowledgeError } from "../domain/error.ts";
import { DEFAULT_TENANT, type Kind, type ProjectId } from "../domain/ids.ts";
import type { Deps } from "../knowledge/deps.ts";
import { withFilesOutOfReach } from "../knowledge/distant-files.ts";
import type { PoolFigures, SharedStorage, StorageAdapter } from "../storage/adapter.ts";
import type { Caller } from "./caller.ts";

/** What can be said of the store without anybody's rows. */
export interface StoreState {
  readonly engine: string;
  readonly schemaVersion: number;
  /** Whether this program works with the schema as it is now. */
  readonly isCurrent: boolean;
}

/** One opened store, as each caller may see it. */
export interface ServingStore {
  /** What use cases are handed for this caller. @throws KnowledgeError `forbidden` for what this engine cannot grant */
  depsFor(caller: Pick<Caller, "tenant" | "projects" | "name">): Deps;
  /** The same, with what the store knows of files: for what keeps that, and never looks at a file by it. */
  recordingDepsFor(caller: Pick<Caller, "tenant" | "projects" | "name">): Deps;
  /** Absent for an engine without connections. */
  pool(): PoolFigures | undefined;
  /** @throws KnowledgeError `unavailable` when the store cannot be reached */
  state(): Promise<StoreState>;
  rows(): Promise<Readonly<Record<Kind, number>>>;
}

/** What `resume` remembers is the client's own matter here (RULES 20): nothing is kept for callers from afar. */
const NO_MEMORY = { read: () => undefined, write: () => undefined };

/** Nobody's project: asking for it shows that the store answers. */
// SAFETY: a UUID in lower case.
const NO_PROJECT = "00000000-0000-4000-8000-000000000000" as ProjectId;

export function openServingStore(deps: Deps): ServingStore {
  const { storage } = deps;
  const recordingDepsFor: ServingStore["recordingDepsFor"] = (caller) => ({
    ...deps,
    storage: grantedTo(storage, caller),
    actor: caller.name,
    cursors: NO_MEMORY,
    cwd: undefined,
    documents: "store",
  });
  return {
    recordingDepsFor,
    depsFor: (caller) => {
      const own = recordingDepsFor(caller);
      return { ...own, storage: withFilesOutOfReach(own.storage) };
    },
    pool: () => (isShared(storage) ? storage.pool() : undefined),
    state: async () => {
      const { engine } = storage.capabilities;
      if (isShared(storage)) {
        const { version, isCurrent } = await storage.schemaNow();
        return { engine, schemaVersion: version, isCurrent };
      }
      await storage.projects.findById(NO_PROJECT);
      const { schemaVersion } = await storage.upkeep.figures();
      return { engine, schemaVersion, isCurrent: true };
    },
    rows: async () => {
      if (isShared(storage)) return storage.rowEstimates();
      const { plans, sessions, patterns, events } = await storage.upkeep.figures();
      return { plan: plans, session: sessions, pattern: patterns, event: events };
    },
  };
}

function grantedTo(storage: StorageAdapter, { tenant, projects }: Pick<Caller, "tenant" | "projects">) {
  if (isShared(storage)) return storage.granted({ tenant, projects });
  if (tenant === DEFAULT_TENANT && projects === "all") return storage;
  throw new KnowledgeError("forbidden", "This store is not divided: it cannot serve a part of it only.", {
    hint: "Use a token without project limits, or move the store to PostgreSQL.",
  });
}

function isShared(storage: StorageAdapter): storage is SharedStorage {
  return storage.capabilities.tenants;
}
