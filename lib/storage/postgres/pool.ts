import type { Duplex } from "node:stream";
import { Pool, type PoolClient } from "pg";
import { KnowledgeError } from "../../domain/error.ts";
import type { Address } from "./address.ts";
import type { Connections, Lent, RawRow } from "./driver.ts";
import { tlsOf } from "./tls.ts";
import { readerOf } from "./types.ts";

export interface PoolOptions {
  readonly address: Address;
  /** Root certificates (PEM) to trust besides the well-known ones. */
  readonly ca?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /**
   * A server that leaves a statement unanswered for so long is taken for lost: a network that swallows packets
   * says nothing. Default: waits for ever, as migrations must.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** Told of the loss of an idle connection; the pool replaces it. */
  readonly onLost?: ((error: Error) => void) | undefined;
}

const MOST = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** The server's word that a statement took too long comes first. */
const GRACE_MS = 5_000;
const types = { getTypeParser: (oid: number) => readerOf(oid) };
const ignore = () => undefined;

/** A pool of connections by node-postgres. No named statements: they break behind PgBouncer (RULES 5). */
export function openPool(options: PoolOptions): Connections {
  const pool = poolOf(options);
  const most = options.max ?? MOST;
  let borrowers = 0;
  let everyoneLeft = ignore;
  const leave = () => {
    borrowers -= 1;
    if (borrowers === 0) everyoneLeft();
  };
  let closing: Promise<void> | undefined;
  const drain = async () => {
    if (borrowers > 0) {
      await new Promise<void>((resolve) => {
        everyoneLeft = () => void resolve();
      });
    }
    await pool.end();
  };
  return {
    location: options.address.location,
    most,
    lend: async () => {
      if (closing !== undefined) throw closedStore();
      borrowers += 1;
      try {
        return lentOf(await pool.connect(), { answerTimeoutMs: options.answerTimeoutMs, leave });
      } catch (error) {
        leave();
        throw error;
      }
    },
    figures: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => {
      closing ??= drain();
      return closing;
    },
  };
}

function poolOf(options: PoolOptions): Pool {
  const { address } = options;
  const pool = new Pool({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    ...(address.password !== undefined && { password: address.password }),
    ssl: tlsOf(address, options.ca),
    min: options.min ?? 0,
    max: options.max ?? MOST,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // Statements of one transaction that do not wait for each other share a round trip.
    pipeline: true,
    allowExitOnIdle: true,
  });
  // Without handlers the restart of a database would end this process: one for idle connections, and one for
  // those that are lent, whose borrower hears of the loss by his statements.
  pool.on("error", (error) => options.onLost?.(error));
  pool.on("connect", (client) => void client.on("error", ignore));
  return pool;
}

interface Lending {
  readonly answerTimeoutMs: number | undefined;
  readonly leave: () => void;
}

function lentOf(client: PoolClient, { answerTimeoutMs, leave }: Lending): Lent {
  let waitMs = answerTimeoutMs;
  const watched = watchFor(client, () => waitMs);
  const answered = <Result>(send: () => Promise<Result>): Promise<Result> => {
    gather(streamOf(client));
    return watched(send());
  };
  return {
    script: async (sql) => void (await answered(() => client.query(sql))),
    answers: async (sql) => {
      const results = await answered(() => client.query({ text: sql, rowMode: "array", types }));
      return (Array.isArray(results) ? results : [results]).map(({ rows }): readonly RawRow[] => rows);
    },
    query: async (sql, values) => {
      const question = { text: sql, values: values.map(bufferOf), rowMode: "array" as const, types };
      const result = await answered(() => client.query(question));
      return { rows: result.rows, count: result.rowCount ?? 0 };
    },
    allow: (statementMs) => {
      if (answerTimeoutMs !== undefined) waitMs = Math.max(answerTimeoutMs, statementMs + GRACE_MS);
    },
    release: (broken) => {
      client.release(broken);
      leave();
    },
  };
}

/** Ends the connection when none of the statements under way has been answered for too long: they fail then. */
function watchFor(client: PoolClient, timeout: () => number | undefined) {
  let unanswered = 0;
  let timer: NodeJS.Timeout | undefined;
  const restart = () => {
    clearTimeout(timer);
    const timeoutMs = timeout();
    if (unanswered > 0 && timeoutMs !== undefined)
      timer = setTimeout(() => streamOf(client).destroy(), timeoutMs);
  };
  return async <Result>(question: Promise<Result>): Promise<Result> => {
    unanswered += 1;
    restart();
    try {
      return await question;
    } finally {
      unanswered -= 1;
      restart();
    }
  };
}

/** What is sent within one turn of the event loop goes out in one piece: each piece wakes the server. */
function gather(stream: Duplex): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** For what the client itself does not do: its `end` would wait for the answers. */
function streamOf(client: PoolClient): Duplex {
  // SAFETY: node-postgres' own client has its connection's stream here; its types leave it out.
  return (client as unknown as { connection: { stream: Duplex } }).connection.stream;
}

function closedStore(): KnowledgeError {
  return new KnowledgeError("unavailable", "The store is closed.", { hint: "Open it again." });
}

/** node-postgres takes Buffers for bytes, but not other views. */
function bufferOf(value: unknown): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}
