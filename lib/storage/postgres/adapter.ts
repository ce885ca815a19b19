import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { Grant, SharedStorage, StorageAdapter } from "../adapter.ts";
import type { KeepCopy } from "../contract/tenant-copy.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import type { Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { openAudit } from "./audit.ts";
import { openChanges } from "./changes.ts";
import { openChunks } from "./chunks.ts";
import {
  type ConnectOptions,
  closeWays,
  migrateThrough,
  openWays,
  throughOwnersWay,
  type Ways,
} from "./connect.ts";
import { askInOneTrip } from "./database.ts";
import type { Connections, Database } from "./driver.ts";
import { openEvents } from "./events.ts";
import { requireIsolation } from "./isolation.ts";
import { openKnownSchema } from "./known-schema.ts";
import {
  guarded,
  NO_TENANT,
  nameTenant,
  type OwnAccess,
  onPrimary,
  onReplica,
  openBoth,
  primaryOptions,
  type Store,
} from "./opened-store.ts";
import { asOwner, nobodysOwn, withoutChores } from "./owner.ts";
import { openPatterns } from "./patterns.ts";
import { openPlans } from "./plans.ts";
import { openProjects } from "./projects.ts";
import { openPositions } from "./replica-positions.ts";
import { readSchema } from "./schema.ts";
import { openSearch } from "./search.ts";
import { lookAtSchema, poolFigures, rowEstimates, schemaNow } from "./serving-figures.ts";
import { openSessions } from "./sessions.ts";
import { openSources } from "./sources.ts";
import { openTenancy } from "./tenancy.ts";
import { openTokens, type TokenDeps } from "./tokens.ts";
import { openTransfer, TRANSFER_TIMEOUT_MS } from "./transfer.ts";
import { openUpkeep } from "./upkeep.ts";
import { maintainIndexes } from "./vector-index-builds.ts";
import { writeAll } from "./writes.ts";

export interface PostgresOptions extends ConnectOptions {
  /** Name of the tenant to work in. Default `default`. */
  readonly tenant?: string | undefined;
  /** True: bring an older schema forward now. Default false: only `upkeep.migrate` does (RULES 6). */
  readonly migrate?: boolean | undefined;
  /** Keeps a copy of every tenant's rows before the schema changes. None: no copy. */
  readonly keepCopy?: KeepCopy | undefined;
  /** Which kind of index search by meaning may use; `auto` goes by the number of vectors. Default `auto`. */
  readonly vectorIndex?: VectorIndexMode | undefined;
}

/** The contract on a PostgreSQL database with pgvector, kept apart by row-level security. */
export class PostgresStorage implements SharedStorage {
  readonly capabilities = { engine: "postgres", tenants: true } as const;
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
  readonly #store: Store;
  readonly #database: Database;

  /** @param owned whether the owner's chores are in it, for a login that may do them */
  private constructor(store: Store, access: OwnAccess, owned: boolean) {
    this.#store = store;
    const database = databaseOf(store, access);
    this.#database = database;
    this.projects = openProjects(database);
    this.sources = openSources(database);
    this.plans = openPlans(database);
    this.sessions = openSessions(database);
    this.patterns = openPatterns(database);
    this.events = openEvents(database);
    this.chunks = openChunks(database);
    this.changes = openChanges(database);
    this.search = openSearch(database, store.vectorIndex);
    const upkeep = upkeepOf(store, access, this.changes);
    this.upkeep = owned ? upkeep : withoutChores(upkeep);
    const patient = withPatience(store, TRANSFER_TIMEOUT_MS);
    this.transfer = openTransfer(
      guarded(store, access, () => onPrimary(patient, access)),
      { connections: store.ways.connections.most },
    );
    const owner = owned ? ownersOf(store, access) : nobodysOwn();
    const callers = owned ? callersOf(store, access) : nobodys(owner);
    this.tokens = openTokens({ owner, ...callers });
    this.audit = openAudit({ owner, ...callers });
    this.tenancy = openTenancy(owner, owned ? database : owner);
  }

  /** @throws KnowledgeError `invalid_input` for an address, `unavailable` for a server that cannot serve. */
  static async open(options: PostgresOptions): Promise<PostgresStorage> {
    const ways = openWays(options);
    try {
      return await PostgresStorage.through(ways, options);
    } catch (error) {
      await closeWays(ways);
      throw error;
    }
  }

  /** The same over connections that were made elsewhere; closing the store closes them. */
  static over(connections: Connections, options: OpenOptions): Promise<PostgresStorage> {
    return PostgresStorage.through({ connections }, options);
  }

  private static async through(ways: Ways, options: OpenOptions): Promise<PostgresStorage> {
    const { keepCopy } = options;
    if (options.migrate === true) await migrateThrough(ways, { keepCopy });
    const { connections } = ways;
    const state = await readSchema(connections);
    const { statementTimeoutMs, vectorIndex = "auto", tenant = "default" } = options;
    const access: OwnAccess = { role: "aiknowsys_app", tenant: NO_TENANT, projects: "all" };
    if (tenant === "default") access.tenant = DEFAULT_TENANT;
    const check = () => requireIsolation(openBoth(store, access));
    const schema = openKnownSchema({ connections, state, check });
    const positions = openPositions();
    const store: Store = { ways, positions, schema, statementTimeoutMs, vectorIndex, keepCopy, tenant };
    const storage = new PostgresStorage(store, access, true);
    if (state.pending.length > 0) return storage;
    await schema.requireReading();
    if (options.migrate === true) await maintainThrough(store);
    await nameTenant(store, access);
    return storage;
  }

  /** The same store for a caller with other rights, over the same connections; without the owner's chores. */
  granted({ tenant, projects }: Grant): PostgresStorage {
    return new PostgresStorage(this.#store, { role: "aiknowsys_app", tenant, projects }, false);
  }

  pool(): ReturnType<SharedStorage["pool"]> {
    return poolFigures(this.#store.ways.connections);
  }

  schemaNow(): ReturnType<SharedStorage["schemaNow"]> {
    const { ways, schema } = this.#store;
    return schemaNow(ways.connections, schema.note);
  }

  rowEstimates(): ReturnType<SharedStorage["rowEstimates"]> {
    return rowEstimates(this.#store.ways.connections);
  }

  transaction(context: WriteContext, writes: readonly Write[]): Promise<readonly WriteResult[]> {
    return writeAll(this.#database, context, writes);
  }

  close(): Promise<void> {
    return closeWays(this.#store.ways);
  }
}

type OpenOptions = Pick<
  PostgresOptions,
  "tenant" | "migrate" | "keepCopy" | "statementTimeoutMs" | "vectorIndex"
>;

const CHORE_TIMEOUT_MS = 600_000;

/** The limit that settings give is for questions and single writes. */
function withPatience(store: Store, leastMs: number): Store {
  return { ...store, statementTimeoutMs: Math.max(store.statementTimeoutMs ?? 0, leastMs) };
}

/** The primary's alone: what is repaired must have been seen as it is now. */
function upkeepOf(
  store: Store,
  access: OwnAccess,
  changes: StorageAdapter["changes"],
): StorageAdapter["upkeep"] {
  const { connections, replica } = store.ways;
  // Checks and chores go through whole tables.
  const patient = withPatience(store, CHORE_TIMEOUT_MS);
  const primary = guarded(store, access, () => onPrimary(patient, access));
  const upkeep = openUpkeep({
    database: primary,
    connections,
    changes,
    lookAtSchema: () => lookAtSchema(connections, store.schema.note),
    vectorIndex: store.vectorIndex,
    maintainIndexes: () => maintainThrough(store),
    migrate: async (options) => {
      const report = await migrateThrough(store.ways, { ...options, keepCopy: store.keepCopy });
      store.positions.lose();
      const now = await lookAtSchema(connections, store.schema.note);
      if (now.pending.length > 0) return report;
      await store.schema.requireReading();
      if (options.dryRun !== true) await maintainThrough(store);
      return report;
    },
  });
  if (replica === undefined) return upkeep;
  const check = async () => [
    ...(await upkeep.check()),
    ...(await replica.check({ primary, onReplica: onReplica(store, access, replica) })),
  ];
  return { ...upkeep, check };
}

/** Vector indexes of all tenants, by the schema's owner (RULES 6). */
async function maintainThrough(store: Store): Promise<readonly string[]> {
  const { ways, vectorIndex: mode } = store;
  const asOwner = onPrimary(store, { role: "aiknowsys_admin", tenant: DEFAULT_TENANT, projects: "all" });
  return throughOwnersWay(ways, (connections) => maintainIndexes({ connections, asOwner, mode }));
}

function ownersOf(store: Store, access: OwnAccess): Database {
  const open = () => onPrimary(store, { role: "aiknowsys_admin", tenant: access.tenant, projects: "all" });
  return asOwner(guarded(store, access, open));
}

/** What serving all callers needs, on the primary: else a token that was revoked a moment ago would still count. */
function callersOf(store: Store, access: OwnAccess): Omit<TokenDeps, "owner"> {
  return {
    ask: async (sql) => {
      await store.schema.requireReading();
      return askInOneTrip(primaryOptions(store, access), sql);
    },
    inTenant: (tenant) => {
      const there: OwnAccess = { ...access, tenant };
      return guarded(store, there, () => onPrimary(store, there));
    },
  };
}

/** One caller's store tells nothing of other callers. */
function nobodys(owner: Database): Omit<TokenDeps, "owner"> {
  return { ask: () => owner.read(async () => []), inTenant: () => owner };
}

function databaseOf(store: Store, access: OwnAccess): Database {
  return guarded(store, access, () => openBoth(store, access));
}
