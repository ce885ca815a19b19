import { KnowledgeError } from "../../domain/error.ts";
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
import { type Access, askInOneTrip, type DatabaseOptions, openDatabase } from "./database.ts";
import type { Connections, Database } from "./driver.ts";
import { openEvents } from "./events.ts";
import { requireIsolation } from "./isolation.ts";
import { asOwner, nobodysOwn } from "./owner.ts";
import { openPatterns } from "./patterns.ts";
import { openPlans } from "./plans.ts";
import { openProjects } from "./projects.ts";
import type { Replica } from "./replica.ts";
import { openPositions, type Positions } from "./replica-positions.ts";
import { newerSchema, readSchema, type SchemaState } from "./schema.ts";
import { openSearch } from "./search.ts";
import { poolFigures, rowEstimates, schemaNow } from "./serving-figures.ts";
import { openSessions } from "./sessions.ts";
import { openSources } from "./sources.ts";
import { openTenancy } from "./tenancy.ts";
import { requireTenant } from "./tenants.ts";
import { openTokens, type TokenDeps } from "./tokens.ts";
import { openTransfer } from "./transfer.ts";
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
  private constructor(store: Store, access: Access, owned: boolean) {
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
    this.upkeep = upkeepOf(store, access, this.changes);
    this.transfer = openTransfer(guarded(store, () => onPrimary(store, access)));
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
    const schema = await readSchema(ways.connections);
    const { statementTimeoutMs, vectorIndex = "auto" } = options;
    const store: Store = {
      ways,
      positions: openPositions(),
      schema,
      statementTimeoutMs,
      vectorIndex,
      keepCopy,
    };
    const ready = schema.pending.length === 0;
    const name = options.tenant ?? "default";
    const named = name === "default" ? DEFAULT_TENANT : NO_TENANT;
    const of = (tenant: string) =>
      new PostgresStorage(store, { role: "aiknowsys_app", tenant, projects: "all" }, true);
    const storage = of(named);
    if (!ready) return storage;
    await requireIsolation(storage.#database);
    if (options.migrate === true) await maintainThrough(store);
    return named === DEFAULT_TENANT ? storage : of(await requireTenant(storage.#database, name));
  }

  /** The same store for a caller with other rights, over the same connections; without the owner's chores. */
  granted({ tenant, projects }: Grant): PostgresStorage {
    return new PostgresStorage(this.#store, { role: "aiknowsys_app", tenant, projects }, false);
  }

  pool(): ReturnType<SharedStorage["pool"]> {
    return poolFigures(this.#store.ways.connections);
  }

  schemaNow(): ReturnType<SharedStorage["schemaNow"]> {
    return schemaNow(this.#store.ways.connections);
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

/** Nobody's: a named tenant cannot be looked up before the schema is there, and no other one may stand in for it. */
const NO_TENANT = "00000000-0000-4000-8000-000000000000";

type OpenOptions = Pick<
  PostgresOptions,
  "tenant" | "migrate" | "keepCopy" | "statementTimeoutMs" | "vectorIndex"
>;

interface Store {
  readonly ways: Ways;
  readonly positions: Positions;
  readonly statementTimeoutMs: number | undefined;
  readonly vectorIndex: VectorIndexMode;
  readonly keepCopy: KeepCopy | undefined;
  /** As it was when looked at last. */
  schema: SchemaState;
}

/** The primary's alone: what is repaired must have been seen as it is now. */
function upkeepOf(
  store: Store,
  access: Access,
  changes: StorageAdapter["changes"],
): StorageAdapter["upkeep"] {
  const { connections, replica } = store.ways;
  const primary = guarded(store, () => onPrimary(store, access));
  const upkeep = openUpkeep({
    database: primary,
    connections,
    changes,
    schema: () => store.schema,
    vectorIndex: store.vectorIndex,
    maintainIndexes: () => maintainThrough(store),
    migrate: async (options) => {
      const report = await migrateThrough(store.ways, { ...options, keepCopy: store.keepCopy });
      store.positions.lose();
      store.schema = await readSchema(connections);
      if (store.schema.pending.length === 0) await requireIsolation(primary);
      if (store.schema.pending.length === 0 && options.dryRun !== true) await maintainThrough(store);
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

function ownersOf(store: Store, { tenant }: Access): Database {
  const access: Access = { role: "aiknowsys_admin", tenant, projects: "all" };
  return asOwner(guarded(store, () => onPrimary(store, access)));
}

/** What serving all callers needs, on the primary: else a token that was revoked a moment ago would still count. */
function callersOf(store: Store, access: Access): Omit<TokenDeps, "owner"> {
  return {
    ask: async (sql) => {
      requireCurrent(store);
      return askInOneTrip(primaryOptions(store, access), sql);
    },
    inTenant: (tenant) => guarded(store, () => onPrimary(store, { ...access, tenant })),
  };
}

/** One caller's store tells nothing of other callers. */
function nobodys(owner: Database): Omit<TokenDeps, "owner"> {
  return { ask: () => owner.read(async () => []), inTenant: () => owner };
}

function databaseOf(store: Store, access: Access): Database {
  return guarded(store, () => {
    const primary = onPrimary(store, access);
    const { replica } = store.ways;
    return replica?.over({ primary, onReplica: onReplica(store, access, replica) }) ?? primary;
  });
}

function onPrimary(store: Store, access: Access): Database {
  return openDatabase(primaryOptions(store, access));
}

function primaryOptions(store: Store, access: Access): DatabaseOptions {
  const { ways, positions, statementTimeoutMs, schema } = store;
  const { connections, replica } = ways;
  const { searchPath } = schema;
  const kept = replica === undefined ? undefined : positions;
  return { connections, access, statementTimeoutMs, searchPath, positions: kept };
}

function onReplica(
  { positions, statementTimeoutMs, schema }: Store,
  access: Access,
  replica: Replica,
): Database {
  const { connections } = replica;
  const { searchPath } = schema;
  const reading = { replica: true, patienceMs: 0, positions };
  return openDatabase({ connections, access, statementTimeoutMs, searchPath, ...reading });
}

/** Opened at the first use, when the schema has turned out to be one that this program can use. */
function guarded(store: Store, open: () => Database): Database {
  let opened: Database | undefined;
  const ready = () => {
    requireCurrent(store);
    opened ??= open();
    return opened;
  };
  return {
    read: async (work) => ready().read(work),
    write: async (work) => {
      if (store.schema.access === "read") throw newerSchema();
      return ready().write(work);
    },
  };
}

function requireCurrent({ schema, ways }: Store): void {
  if (schema.pending.length === 0) return;
  const { location } = ways.connections;
  const what =
    schema.version === 0
      ? `The database ${location} holds no store yet.`
      : `The store in ${location} has an older schema (${schema.version}).`;
  throw new KnowledgeError("schema_mismatch", what, {
    hint: "Run `aiknowsys migrate` with a login that owns the schema.",
    current: { schema: schema.version },
  });
}
