import { KnowledgeError } from "../../domain/error.ts";
import type { Database } from "./driver.ts";
import { openDriver } from "./driver-choice.ts";
import { isBusy, isUnwritable, translated } from "./errors.ts";
import { copyAside, networkFileSystem, preparePlace } from "./place.ts";
import type { Immediate } from "./sync.ts";

export interface ConnectionOptions {
  readonly file: string;
  /** Never write, and do not create the file. Default false. */
  readonly readonly?: boolean | undefined;
  /** `full` survives power loss too; `normal` (default) survives the death of any process. */
  readonly synchronous?: "normal" | "full" | undefined;
  /** Create the file where there is none. Default true. */
  readonly create?: boolean | undefined;
  /** Looks at the file before anything of it is set; what it throws leaves the file as it is. */
  readonly look?: ((db: Database, file: string) => void) | undefined;
  /** How long a write waits for other processes, in all. Default 30,000. */
  readonly lockWaitMs?: number | undefined;
}

/** One open store file with the settings that every connection of this engine has. */
export interface Connection {
  readonly file: string;
  readonly db: Database;
  /** True when asked for, or when the place turned out not to be writable. */
  readonly readonly: boolean;
  readonly immediate: Immediate;
  close(): void;
}

const LOCK_WAIT_MS = 30_000;
/** The busy handler of SQLite is unfair to old waiters, so a transaction starts anew after this long. */
const BUSY_TIMEOUT_MS = 5_000;
/** 32 MB of WAL: a single event changes about 25 pages, so the default would checkpoint every 40 of them. */
const CHECKPOINT_PAGES = 4_000;

/**
 * Opens a store file: creates it when absent, falls back to reading where it cannot be written.
 * @throws KnowledgeError `unavailable` or `corrupt`, each saying what is wrong with the place or the file.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { file, readonly = false, create = true } = options;
  preparePlace(file, { create: create && !readonly });
  try {
    return readonly ? openForReading(options) : openForWriting(options);
  } catch (error) {
    throw withPlace(translated(error, file), file);
  }
}

function openForWriting(options: ConnectionOptions): Connection {
  try {
    return open(options, options.file, false);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return openForReading(options);
  }
}

/** Where SQLite cannot make the `-shm` file that reading a WAL needs, a copy is read instead. */
function openForReading(options: ConnectionOptions): Connection {
  try {
    return open(options, options.file, true);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return openCopy(options);
  }
}

function openCopy(options: ConnectionOptions): Connection {
  const copy = copyAside(options.file);
  try {
    const connection = open(options, copy.file, false);
    connection.db.exec("PRAGMA query_only = ON");
    const close = () => {
      connection.close();
      copy.remove();
    };
    return { ...connection, file: options.file, readonly: true, immediate: refuse(options.file), close };
  } catch (error) {
    copy.remove();
    throw error;
  }
}

function open(options: ConnectionOptions, file: string, readonly: boolean): Connection {
  const lockWaitMs = options.lockWaitMs ?? LOCK_WAIT_MS;
  const busyTimeoutMs = Math.min(BUSY_TIMEOUT_MS, lockWaitMs);
  const db = openDriver(file, { readonly, busyTimeoutMs });
  try {
    retrying(lockWaitMs, () => configure(db, options, { readonly, busyTimeoutMs }));
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    file,
    db,
    readonly,
    immediate: readonly ? refuse(file) : immediateOf(db, file, lockWaitMs),
    close: () => close(db, readonly),
  };
}

function configure(
  db: Database,
  options: ConnectionOptions,
  how: { readonly readonly: boolean; readonly busyTimeoutMs: number },
): void {
  db.exec(`PRAGMA busy_timeout = ${how.busyTimeoutMs}`);
  options.look?.(db, options.file);
  if (!how.readonly) {
    db.exec("PRAGMA page_size = 8192");
    if (db.pragma("journal_mode") !== "wal") db.exec("PRAGMA journal_mode = WAL");
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.exec(`PRAGMA synchronous = ${options.synchronous === "full" ? "FULL" : "NORMAL"}`);
  }
  db.exec("PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
  db.exec("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864");
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
}

function immediateOf(db: Database, file: string, lockWaitMs: number): Immediate {
  return (work, rolledBack) => {
    if (db.inTransaction) return work();
    try {
      return retrying(lockWaitMs, () => once(db, work, rolledBack));
    } catch (error) {
      throw translated(error, file);
    }
  };
}

function once<Result>(db: Database, work: () => Result, rolledBack: (() => void) | undefined): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk rolls back by itself.
    if (db.inTransaction) db.exec("ROLLBACK");
    rolledBack?.();
    throw error;
  }
}

/** Does the work again, after a short random pause, for as long as another connection's lock is in the way. */
function retrying<Result>(lockWaitMs: number, work: () => Result): Result {
  const end = performance.now() + lockWaitMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error;
      sleep(Math.random() * Math.min(200, 5 * 2 ** attempt));
    }
  }
}

const clockwork = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread: the engine is synchronous and lives in a thread of its own. */
function sleep(ms: number): void {
  Atomics.wait(clockwork, 0, 0, ms);
}

function refuse(file: string): Immediate {
  return () => {
    throw new KnowledgeError("unavailable", `The store ${file} is open for reading only.`, {
      hint: "To write, give the file and its folder write permission or name another file with --db.",
    });
  };
}

function close(db: Database, readonly: boolean): void {
  try {
    // At once or not at all: a reader must not wait for somebody's long write.
    if (!readonly) db.exec("PRAGMA busy_timeout = 0; PRAGMA optimize");
  } catch {
    // Statistics are a convenience; a lock or a full disk must not keep the store open.
  } finally {
    db.close();
  }
}

/** Says so when the file system itself is the likely reason. */
function withPlace(error: KnowledgeError, file: string): KnowledgeError {
  const network = error.code === "unavailable" ? networkFileSystem(file) : undefined;
  if (network === undefined) return error;
  return new KnowledgeError(error.code, `${error.message.replace(/\.$/, "")} (it is on ${network}).`, {
    hint: "SQLite needs a local disk: move the store there (--db or SQLITE_PATH), or share it by PostgreSQL.",
    cause: error,
  });
}
