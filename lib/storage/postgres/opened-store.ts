import type { KeepCopy } from "../contract/tenant-copy.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import type { Ways } from "./connect.ts";
import { type Access, type DatabaseOptions, openDatabase } from "./database.ts";
import type { Database } from "./driver.ts";
import type { KnownSchema } from "./known-schema.ts";
import type { Replica } from "./replica.ts";
import type { Positions } from "./replica-positions.ts";
import { requireTenant } from "./tenants.ts";

/** Nobody's: a named tenant cannot be looked up before the schema is there, and no other one may stand in for it. */
export const NO_TENANT = "00000000-0000-4000-8000-000000000000";

/** What one opened store is made of, whoever works in it. */
export interface Store {
  readonly ways: Ways;
  readonly positions: Positions;
  readonly statementTimeoutMs: number | undefined;
  readonly vectorIndex: VectorIndexMode;
  readonly keepCopy: KeepCopy | undefined;
  readonly schema: KnownSchema;
  /** Name of the tenant that the store was opened for. */
  readonly tenant: string;
}

/** Its tenant may be looked up late: when the schema is there. */
export type OwnAccess = Omit<Access, "tenant"> & { tenant: string };

/** Opened at the first use, when the schema has turned out to be one that this program can use. */
export function guarded(store: Store, access: OwnAccess, open: () => Database): Database {
  let opened: Database | undefined;
  const ready = async () => {
    await nameTenant(store, access);
    opened ??= open();
    return opened;
  };
  // At once where there is nothing to wait for: what is called before a store is closed has its connection by then.
  const now = (use: "read" | "write"): Database | undefined => {
    if (access.tenant === NO_TENANT || !store.schema.isSettled(use)) return undefined;
    opened ??= open();
    return opened;
  };
  return {
    read: async (work) => {
      const database = now("read");
      if (database !== undefined) return database.read(work);
      await store.schema.requireReading();
      return (await ready()).read(work);
    },
    write: async (work) => {
      const database = now("write");
      if (database !== undefined) return database.write(work);
      await store.schema.requireWriting();
      return (await ready()).write(work);
    },
  };
}

/** Looks the tenant up, where that has not been done. @throws KnowledgeError `not_found` */
export async function nameTenant(store: Store, access: OwnAccess): Promise<void> {
  if (access.tenant === NO_TENANT) access.tenant = await requireTenant(openBoth(store, access), store.tenant);
}

/** The primary, and its replica where there is one. */
export function openBoth(store: Store, access: Access): Database {
  const primary = onPrimary(store, access);
  const { replica } = store.ways;
  return replica?.over({ primary, onReplica: onReplica(store, access, replica) }) ?? primary;
}

export function onPrimary(store: Store, access: Access): Database {
  return openDatabase(primaryOptions(store, access));
}

export function primaryOptions(store: Store, access: Access): DatabaseOptions {
  const { ways, positions, statementTimeoutMs, schema } = store;
  const { connections, replica } = ways;
  const { searchPath } = schema.state();
  const kept = replica === undefined ? undefined : positions;
  return { connections, access, statementTimeoutMs, searchPath, positions: kept };
}

export function onReplica(
  { positions, statementTimeoutMs, schema }: Store,
  access: Access,
  replica: Replica,
): Database {
  const { connections } = replica;
  const { searchPath } = schema.state();
  const reading = { replica: true, patienceMs: 0, positions };
  return openDatabase({ connections, access, statementTimeoutMs, searchPath, ...reading });
}
