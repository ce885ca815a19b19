import { KnowledgeError } from "../../domain/error.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { StorageAdapter } from "../adapter.ts";
import type { Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { parseAddress } from "./address.ts";
import { openChanges } from "./changes.ts";
import { openChunks } from "./chunks.ts";
import { type Access, openDatabase } from "./database.ts";
import type { Connections, Database } from "./driver.ts";
import { openEvents } from "./events.ts";
import { requireIsolation } from "./isolation.ts";
import { openPatterns } from "./patterns.ts";
import { openPlans } from "./plans.ts";
import { openPool } from "./pool.ts";
import { openProjects } from "./projects.ts";
import { migrateSchema, readSchema, type SchemaState } from "./schema.ts";
import { openSearch } from "./search.ts";
import { openSessions } from "./sessions.ts";
import { openSources } from "./sources.ts";
import { findTenant } from "./tenants.ts";
import { openUpkeep } from "./upkeep.ts";
import { writeAll } from "./writes.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Name of the tenant to work in. Default `default`. */
  readonly tenant?: string | undefined;
  /** True: bring an older schema forward now. Default false: only `upkeep.migrate` does (RULES 6). */
  readonly migrate?: boolean | undefined;
  /** Wins over the URL's `sslmode`: `disable`, `require` or `verify-full`. */
  readonly ssl?: string | undefined;
  /** A root certificate (PEM) to trust besides the system's. */
  readonly ca?: string | undefined;
  readonly poolMin?: number | undefined;
  /** Connections at the most. Default 10. */
  readonly poolMax?: number | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** How long one statement may take. Default 5,000. */
  readonly statementTimeoutMs?: number | undefined;
}

/** Rows that a caller may see and write: a tenant's, all or those of some projects. */
export interface Grant {
  readonly tenant: string;
  readonly projects: "all" | readonly ProjectId[];
}

/** The contract on a PostgreSQL database with pgvector, kept apart by row-level security. */
export class PostgresStorage implements StorageAdapter {
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
  readonly #store: Store;
  readonly #database: Database;

  private constructor(store: Store, access: Access) {
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
    this.search = openSearch(database);
    this.upkeep = openUpkeep({
      database,
      connections: store.connections,
      changes: this.changes,
      schema: () => store.schema,
      migrate: async (options) => {
        const report = await migrateSchema(store.connections, options);
        store.schema = await readSchema(store.connections);
        return report;
      },
    });
  }

  /** @throws KnowledgeError `invalid_input` for an address, `unavailable` for a server that cannot serve. */
  static async open(options: PostgresOptions): Promise<PostgresStorage> {
    const address = parseAddress(options.url, options.ssl);
    const connections = openPool({
      address,
      ca: options.ca,
      min: options.poolMin,
      max: options.poolMax,
      idleTimeoutMs: options.idleTimeoutMs,
      connectTimeoutMs: options.connectTimeoutMs,
    });
    try {
      return await PostgresStorage.over(connections, options);
    } catch (error) {
      await connections.close();
      throw error;
    }
  }

  /** The same over connections that were made elsewhere; closing the store closes them. */
  static async over(
    connections: Connections,
    options: Pick<PostgresOptions, "tenant" | "migrate" | "statementTimeoutMs">,
  ): Promise<PostgresStorage> {
    if (options.migrate === true) await migrateSchema(connections, {});
    const schema = await readSchema(connections);
    const store: Store = { connections, schema, statementTimeoutMs: options.statementTimeoutMs };
    const ready = schema.pending.length === 0;
    const storage = new PostgresStorage(store, {
      role: "aiknowsys_app",
      tenant: DEFAULT_TENANT,
      projects: "all",
    });
    if (!ready) return storage;
    await requireIsolation(storage.#database);
    const tenant = await findTenant(storage.#database, options.tenant ?? "default");
    return tenant === DEFAULT_TENANT ? storage : storage.granted({ tenant, projects: "all" });
  }

  /** The same store for a caller with other rights, over the same connections. */
  granted({ tenant, projects }: Grant): PostgresStorage {
    return new PostgresStorage(this.#store, { role: "aiknowsys_app", tenant, projects });
  }

  transaction(context: WriteContext, writes: readonly Write[]): Promise<readonly WriteResult[]> {
    return writeAll(this.#database, context, writes);
  }

  close(): Promise<void> {
    return this.#store.connections.close();
  }
}

interface Store {
  readonly connections: Connections;
  readonly statementTimeoutMs: number | undefined;
  /** As it was when looked at last. */
  schema: SchemaState;
}

function databaseOf(store: Store, access: Access): Database {
  const { connections, statementTimeoutMs } = store;
  let opened: Database | undefined;
  const ready = () => {
    requireCurrent(store);
    opened ??= openDatabase({ connections, access, statementTimeoutMs, searchPath: store.schema.searchPath });
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

function requireCurrent({ schema, connections }: Store): void {
  if (schema.pending.length === 0) return;
  const what =
    schema.version === 0
      ? `The database ${connections.location} holds no store yet.`
      : `The store in ${connections.location} has an older schema (${schema.version}).`;
  throw new KnowledgeError("schema_mismatch", what, {
    hint: "Run `aiknowsys migrate` with a login that owns the schema.",
    current: { schema: schema.version },
  });
}

function newerSchema(): KnowledgeError {
  return new KnowledgeError(
    "schema_mismatch",
    "A newer version of AIKnowSys has changed this store's schema.",
    {
      hint: "Reading works; update AIKnowSys to write.",
    },
  );
}
