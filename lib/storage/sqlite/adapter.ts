import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { type Channel, openInline, openInThread } from "./channel.ts";
import type { EngineOptions, FacetName } from "./engine.ts";

export interface SqliteOptions extends EngineOptions {
  /**
   * `worker` (default): the database lives in a thread of its own and never stalls this one.
   * `inline`: it lives here, which starts faster: for programs that ask once and end.
   */
  readonly thread?: "worker" | "inline" | undefined;
}

/** The contract on one SQLite file. */
export class SqliteStorage implements CopyingStorage {
  readonly capabilities = { engine: "sqlite", tenants: false } as const;
  readonly projects: StorageAdapter["projects"];
  readonly sources: StorageAdapter["sources"];
  readonly plans: StorageAdapter["plans"];
  readonly sessions: StorageAdapter["sessions"];
  readonly patterns: StorageAdapter["patterns"];
  readonly events: StorageAdapter["events"];
  readonly chunks: StorageAdapter["chunks"];
  readonly changes: StorageAdapter["changes"];
  readonly search: StorageAdapter["search"];
  readonly upkeep: StorageAdapter["upkeep"];
  readonly transfer: StorageAdapter["transfer"];
  readonly tokens: StorageAdapter["tokens"];
  readonly tenancy: StorageAdapter["tenancy"];
  readonly audit: StorageAdapter["audit"];
  readonly copy: CopyingStorage["copy"];
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
    this.projects = facet(channel, "projects");
    this.sources = facet(channel, "sources");
    this.plans = facet(channel, "plans");
    this.sessions = facet(channel, "sessions");
    this.patterns = facet(channel, "patterns");
    this.events = facet(channel, "events");
    this.chunks = facet(channel, "chunks");
    this.changes = facet(channel, "changes");
    this.search = facet(channel, "search");
    this.upkeep = facet(channel, "upkeep");
    this.transfer = facet(channel, "transfer");
    this.tokens = facet(channel, "tokens");
    this.tenancy = facet(channel, "tenancy");
    this.audit = facet(channel, "audit");
    this.copy = facet(channel, "copy");
  }

  /** @throws KnowledgeError `unavailable`, `corrupt` or `schema_mismatch`, each with what to do. */
  static async open({ thread = "worker", ...options }: SqliteOptions): Promise<SqliteStorage> {
    return new SqliteStorage(thread === "inline" ? openInline(options) : await openInThread(options));
  }

  async transaction(context: WriteContext, writes: readonly Write[]): Promise<readonly WriteResult[]> {
    const results = await this.#channel.call({
      facet: "store",
      member: "transaction",
      args: [context, writes],
    });
    // SAFETY: the engine's `transaction` returns exactly this.
    return results as readonly WriteResult[];
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}

/** Every member of every facet: what the adapter forwards. A missing or extra name does not compile. */
const MEMBERS: { readonly [Name in FacetName]: Readonly<Record<keyof CopyingStorage[Name], true>> } = {
  projects: {
    list: true,
    findById: true,
    find: true,
    findByKeys: true,
    register: true,
    counts: true,
    lastWriteAt: true,
  },
  sources: {
    files: true,
    record: true,
    forget: true,
    forgetRoot: true,
    rows: true,
    folders: true,
    recordFolders: true,
    runs: true,
    recordRun: true,
  },
  plans: { find: true, byIds: true, names: true, query: true },
  sessions: { find: true, byIds: true, names: true, query: true },
  patterns: { find: true, byIds: true, names: true, query: true },
  events: { find: true, byIds: true, query: true },
  chunks: { byIds: true, ofRow: true, owed: true, putVectors: true, coverage: true, rebuildIndex: true },
  changes: {
    ofRow: true,
    revision: true,
    seal: true,
    since: true,
    sinceTime: true,
    ofBatch: true,
    batchSize: true,
    importsOf: true,
  },
  search: { byWords: true, byVector: true },
  upkeep: { figures: true, check: true, repair: true, janitor: true, migrate: true },
  transfer: {
    open: true,
    read: true,
    ofRows: true,
    sealsAfter: true,
    close: true,
    count: true,
    write: true,
  },
  tokens: { create: true, list: true, rotate: true, revoke: true, authenticate: true, noteUse: true },
  audit: { record: true, seal: true, chains: true, seals: true, lines: true },
  copy: { state: true, begin: true, release: true, owe: true, lock: true, unlock: true, take: true },
  tenancy: {
    createTenant: true,
    findTenant: true,
    tenants: true,
    renameProject: true,
    mergeProject: true,
    deleteProject: true,
  },
};

function facet<Name extends FacetName>(channel: Channel, name: Name): CopyingStorage[Name] {
  const members = Object.keys(MEMBERS[name]).map((member) => [
    member,
    (...args: readonly unknown[]) => channel.call({ facet: name, member, args }),
  ]);
  // SAFETY: MEMBERS names the members of the facet, and the engine's facet of that name has their signatures.
  return Object.fromEntries(members) as CopyingStorage[Name];
}
