import { randomInt } from "node:crypto";
import { KnowledgeError } from "../../domain/error.ts";
import type { KeepCopy } from "../contract/tenant-copy.ts";
import type { MigrateOptions, MigrateReport } from "../contract/upkeep.ts";
import { type Address, parseAddress } from "./address.ts";
import { copyBeforeChange } from "./before-change.ts";
import type { Connections } from "./driver.ts";
import { openPool } from "./pool.ts";
import { openReplica, type Replica } from "./replica.ts";
import { looking } from "./schema.ts";
import { migrateSchema } from "./schema-migrate.ts";

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** A streaming replica of it, which answers reads as far as it has come. */
  readonly readUrl?: string | undefined;
  /** The same database past a pooler: there the schema is changed. Default: `url`. */
  readonly directUrl?: string | undefined;
  /** Wins over the URLs' `sslmode`: `disable`, `require` or `verify-full`. */
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

/** The ways into one database. */
export interface Ways {
  readonly connections: Connections;
  readonly replica?: Replica | undefined;
  /** A few connections for changes of the schema; whoever asks for them closes them. Default: `connections`. */
  readonly forOwner?: (() => Connections) | undefined;
  /** Whether those have an address of their own, which might lead elsewhere. */
  readonly pastPooler?: boolean | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 5_000;
/** The primary answers for a replica that cannot be had: nobody needs to wait longer. */
const REPLICA_TIMEOUT_MS = 2_000;
/** One for a migration, one for the lock it runs under where it cannot hold that itself. */
const FOR_OWNER = 2;
/** The number space of the store's own locks, which have the first keys. */
const LOCK_SPACE = 1_095_322_446;
const FIRST_KEY = 1_000;

/** Nothing is connected yet. @throws KnowledgeError `invalid_input` for an address. */
export function openWays(options: ConnectOptions): Ways {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const of = (url: string, name: string) => parseAddress(url, options.ssl, `The address in ${name}`);
  const address = parseAddress(options.url, options.ssl);
  const direct = options.directUrl === undefined ? address : of(options.directUrl, "POSTGRES_DIRECT_URL");
  const replica = options.readUrl === undefined ? undefined : of(options.readUrl, "POSTGRES_READ_URL");
  const pool = (to: Address, timeoutMs: number) =>
    openPool({
      address: to,
      ca: options.ca,
      min: options.poolMin,
      max: options.poolMax,
      idleTimeoutMs: options.idleTimeoutMs,
      connectTimeoutMs: timeoutMs,
      answerTimeoutMs: statementTimeoutMs + timeoutMs,
    });
  return {
    connections: pool(address, connectTimeoutMs),
    ...(replica !== undefined && {
      replica: openReplica(pool(replica, Math.min(connectTimeoutMs, REPLICA_TIMEOUT_MS))),
    }),
    forOwner: () => openPool({ address: direct, ca: options.ca, max: FOR_OWNER, connectTimeoutMs }),
    pastPooler: options.directUrl !== undefined,
  };
}

export async function closeWays({ connections, replica }: Ways): Promise<void> {
  await Promise.all([connections.close(), replica?.close()]);
}

/** Changes the schema as its owner. @throws KnowledgeError as `throughOwnersWay` and `migrateSchema`. */
export function migrateThrough(
  ways: Ways,
  { keepCopy, ...options }: MigrateOptions & { readonly keepCopy?: KeepCopy | undefined },
): Promise<MigrateReport> {
  return throughOwnersWay(ways, async (direct) => {
    if (keepCopy !== undefined && options.dryRun !== true)
      await copyBeforeChange({ connections: ways.connections, keepCopy, to: options.to });
    return migrateSchema(direct, options);
  });
}

/**
 * Lends connections for what changes the schema, past the pooler where there is a way.
 * @throws KnowledgeError `invalid_input`, with nothing done, when that way leads to another database.
 */
export async function throughOwnersWay<Result>(
  { connections, forOwner, pastPooler = false }: Ways,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const direct = forOwner?.();
  if (direct === undefined) return work(connections);
  try {
    if (pastPooler) await requireSameDatabase(connections, direct);
    return await work(direct);
  } finally {
    await direct.close();
  }
}

/**
 * By a lock that is held on the one way: it is held on the other, too, when both lead to one database. Names and
 * identifiers would not do: a copy of a server, or another server's database of the same name, has the same.
 */
async function requireSameDatabase(connections: Connections, direct: Connections): Promise<void> {
  const key = `(${LOCK_SPACE}, ${randomInt(FIRST_KEY, 2 ** 31 - 1)})`;
  const isFree = await looking(connections, async (lent) => {
    await lent.script(`SELECT pg_advisory_xact_lock${key}`);
    return looking(direct, async (other) => {
      const { rows } = await other.query(`SELECT pg_try_advisory_xact_lock${key}`, []);
      return rows[0]?.[0] === true;
    });
  });
  if (!isFree) return;
  throw new KnowledgeError(
    "invalid_input",
    `POSTGRES_DIRECT_URL leads to another database than ${connections.location}; nothing was changed.`,
    { field: "POSTGRES_DIRECT_URL", hint: "Both addresses must name the same database of the same server." },
  );
}
