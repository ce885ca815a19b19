import { Pool, type PoolClient } from "pg";
import type { Address } from "./address.ts";
import type { Connections, Lent } from "./driver.ts";
import { readerOf } from "./types.ts";

export interface PoolOptions {
  readonly address: Address;
  /** A root certificate (PEM) to trust besides the system's. */
  readonly ca?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** Told of the loss of an idle connection; the pool replaces it. */
  readonly onLost?: ((error: Error) => void) | undefined;
}

const types = { getTypeParser: (oid: number) => readerOf(oid) };

/** A pool of connections by node-postgres. No named statements: they break behind PgBouncer (RULES 5). */
export function openPool(options: PoolOptions): Connections {
  const { address } = options;
  const pool = new Pool({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    ...(address.password !== undefined && { password: address.password }),
    ssl: tlsOf(options),
    min: options.min ?? 0,
    max: options.max ?? 10,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // Without a handler the restart of a database would end this process.
  pool.on("error", (error) => options.onLost?.(error));
  let closing: Promise<void> | undefined;
  return {
    location: address.location,
    lend: async () => lentOf(await pool.connect()),
    figures: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

function tlsOf({ address, ca }: PoolOptions): false | object {
  if (address.tls === "off") return false;
  return {
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(address.serverName !== undefined && { servername: address.serverName }),
  };
}

function lentOf(client: PoolClient): Lent {
  // A connection that dies while it is lent says so by its statements; the event must have a listener.
  const ignore = () => undefined;
  client.on("error", ignore);
  return {
    script: async (sql) => void (await client.query(sql)),
    query: async (sql, values) => {
      const result = await client.query({
        text: sql,
        values: values.map(bufferOf),
        rowMode: "array",
        types,
      });
      return { rows: result.rows, count: result.rowCount ?? 0 };
    },
    release: (broken) => {
      client.off("error", ignore);
      client.release(broken);
    },
  };
}

/** node-postgres takes Buffers for bytes, but not other views. */
function bufferOf(value: unknown): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}
