import { KnowledgeError } from "../../domain/error.ts";
import { isUuid } from "../../domain/ids.ts";
import {
  type Bindable,
  type Client,
  type Connections,
  type Database,
  type Lent,
  type RawRow,
  withNumbers,
} from "./driver.ts";
import { isCollision, isLost, translated } from "./errors.ts";
import { parameterOf } from "./parameters.ts";
import type { Positions } from "./replica-positions.ts";

/** Whose rows a transaction works on, and as what it does so (RULES 2). */
export interface Access {
  readonly role: "aiknowsys_app" | "aiknowsys_admin";
  /** UUID of the tenant. */
  readonly tenant: string;
  /** Projects that may be seen and written; `all` of the tenant's. */
  readonly projects: "all" | readonly string[];
}

export interface DatabaseOptions {
  readonly connections: Connections;
  readonly access: Access;
  /** Names of schemas, in order; ours first. */
  readonly searchPath: readonly string[];
  readonly statementTimeoutMs?: number | undefined;
  /** How long work is tried again when connections get lost. */
  readonly patienceMs?: number | undefined;
  /** Kept for replicas: how far in the server's log this store has come. */
  readonly positions?: Positions | undefined;
  /** True: the connections lead to a replica, which is read only where it has come as far as the positions say. */
  readonly replica?: boolean | undefined;
}

const STATEMENT_TIMEOUT_MS = 5_000;
const PATIENCE_MS = 2_000;
const MOST_COLLISIONS = 10;
const READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";
// Said in full: the login's own defaults may be others.
const WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;";

/** A database whose every transaction enters the role and says whose rows it works on before anything else. */
export function openDatabase(options: DatabaseOptions): Database {
  const prologue = prologueOf(options);
  const { tenant } = options.access;
  const { connections, positions, replica = false, statementTimeoutMs } = options;
  const transact = <Result>(kind: "read" | "write", work: (client: Client) => Promise<Result>) =>
    patiently(options, kind, (attempt) => {
      const begin = (kind === "read" ? READ : WRITE) + prologue;
      const check = replica ? checkOf(positions) : undefined;
      return once(connections, { kind, begin, check, tenant, attempt, positions, statementTimeoutMs }, work);
    });
  return {
    read: (work) => transact("read", work),
    write: (work) => transact("write", work),
  };
}

/**
 * The rows of one statement, in a transaction of its own that writes nothing, all of it in one round trip: for what is
 * asked before every call. @param sql without parameters
 */
export function askInOneTrip(options: DatabaseOptions, sql: string): Promise<readonly RawRow[]> {
  const whole = `${READ}${prologueOf(options)}; ${sql}; COMMIT`;
  return patiently(options, "read", async () => {
    const lent = await options.connections.lend();
    let broken = true;
    try {
      const answers = await lent.answers(whole);
      broken = false;
      return answers.at(-2) ?? [];
    } catch (error) {
      broken = isLost(error) || !(await rolledBack(lent));
      throw error;
    } finally {
      lent.release(broken);
    }
  });
}

/** Thrown, and wrapped as a cause, where a replica has not replayed what the caller has written or seen. */
export class ReplicaBehind extends Error {}

/** In a transaction of its own, because the one that reads takes its snapshot before a function in it is called. */
function checkOf(positions: Positions | undefined): string {
  const needed = positions?.needed();
  if (needed === undefined) throw new ReplicaBehind("It is not known how far a replica must have come.");
  return `BEGIN READ ONLY; SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= '${needed}'; COMMIT;`;
}

/**
 * SET LOCAL and transaction-local settings: they end with the transaction, so the next borrower of the
 * connection starts without any. Timeouts too, because PgBouncer refuses them at the start of a connection.
 */
function prologueOf({ access, searchPath, statementTimeoutMs }: DatabaseOptions): string {
  const timeout = statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const projects = access.projects === "all" ? "*" : `{${access.projects.map(requireUuid).join()}}`;
  const settings: readonly (readonly [string, string])[] = [
    // Said to be last: unsaid, temporary tables come before all others.
    ["search_path", [...searchPath, "pg_temp"].map(quoted).join(", ")],
    ["aiknowsys.tenant", requireUuid(access.tenant)],
    ["aiknowsys.projects", projects],
    ["TimeZone", "UTC"],
    ["DateStyle", "ISO, YMD"],
    ["bytea_output", "hex"],
    ["row_security", "on"],
    ["statement_timeout", String(timeout)],
    // Sooner than the statement's, so that waiting for others is told as that.
    ["lock_timeout", String(Math.ceil(timeout * 0.8))],
    ["idle_in_transaction_session_timeout", "60000"],
  ];
  const calls = settings.map(
    ([name, value]) => `set_config('${name}', '${value.replaceAll("'", "''")}', true)`,
  );
  return ` SET LOCAL ROLE ${access.role}; SELECT ${calls.join(", ")}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function requireUuid(id: string): string {
  if (isUuid(id)) return id.toLowerCase();
  throw new KnowledgeError("invalid_input", "An id that is no UUID cannot be granted.", { field: "project" });
}

interface Attempt {
  /** Set while COMMIT is under way: what a lost connection leaves is then unknown. */
  committing: boolean;
}

interface Transaction {
  readonly kind: "read" | "write";
  readonly begin: string;
  /** Run before BEGIN, in the same round trip; its second statement answers whether to go on. */
  readonly check: string | undefined;
  readonly tenant: string;
  readonly attempt: Attempt;
  readonly positions: Positions | undefined;
  readonly statementTimeoutMs: number | undefined;
}

async function once<Result>(
  connections: Connections,
  transaction: Transaction,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const lent = await connections.lend();
  if (transaction.statementTimeoutMs !== undefined) lent.allow?.(transaction.statementTimeoutMs);
  let broken = true;
  try {
    const begun = begin(lent, transaction);
    // Awaited: a statement sent behind a BEGIN that failed would run without a transaction, as the login itself. One
    // that only reads changes nothing then, and nobody is given what it has read: it need not wait.
    if (transaction.kind === "write" || transaction.check !== undefined) await begun;
    begun.catch(() => undefined);
    const client = clientOver(lent, transaction, begun);
    const result = await work(client);
    await begun;
    // After a failed statement COMMIT would roll back and not say so, whatever the work made of the failure.
    if (client.failure !== undefined) throw client.failure;
    await (client.ending ?? commit(lent, transaction));
    broken = false;
    return result;
  } catch (error) {
    broken = isLost(error) || !(await rolledBack(lent));
    throw error;
  } finally {
    lent.release(broken);
  }
}

async function begin(lent: Lent, { begin: sql, check }: Transaction): Promise<void> {
  if (check === undefined) return lent.script(sql);
  const answers = await lent.answers(`${check} ${sql}`);
  if (answers[1]?.[0]?.[0] !== true) throw new ReplicaBehind("The replica is behind.");
}

async function commit(lent: Lent, { kind, check, attempt, positions }: Transaction): Promise<void> {
  const of = check === undefined ? kind : "replica";
  const { sql, note } = positions?.ending(of) ?? { sql: "COMMIT", note: () => undefined };
  attempt.committing = kind === "write";
  note(await lent.answers(sql));
  attempt.committing = false;
  if (of !== "replica") await positions?.settle(lent);
}

/** False when the connection cannot even roll back. */
async function rolledBack(lent: Lent): Promise<boolean> {
  try {
    await lent.script("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}

/**
 * `failure`: the first error of a statement.
 * @param begun ends when the transaction has its role and settings; without it nothing is answered
 */
function clientOver(
  lent: Lent,
  transaction: Transaction,
  begun: Promise<void>,
): Client & { readonly failure: unknown; readonly ending: Promise<void> | undefined } {
  let failure: unknown;
  let ending: Promise<void> | undefined;
  const ask = async (sql: string, values: readonly Bindable[]) => {
    const bound = values.map(parameterOf);
    try {
      const answer = lent.query(withNumbers(sql), bound);
      answer.catch(() => undefined);
      // First: a refusal of the role is the reason, and what then follows of the statement is not.
      await begun;
      return await answer;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  return {
    tenant: transaction.tenant,
    rows: async (sql, ...values) => (await ask(sql, values)).rows,
    run: async (sql, ...values) => (await ask(sql, values)).count,
    last: async (sql, ...values) => {
      const answer = ask(sql, values);
      // Behind a statement that fails, COMMIT rolls back: of a transaction that only reads that is all the same.
      if (transaction.kind === "read") ending = commit(lent, transaction);
      ending?.catch(() => undefined);
      return (await answer).rows;
    },
    get failure() {
      return failure;
    },
    get ending() {
      return ending;
    },
  };
}

/** Tries again after collisions and lost connections, with growing random pauses; what fails reads for people. */
async function patiently<Result>(
  { connections, positions, patienceMs = PATIENCE_MS }: DatabaseOptions,
  kind: "read" | "write",
  attemptOnce: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const end = performance.now() + patienceMs;
  for (let n = 1; ; n++) {
    const attempt: Attempt = { committing: false };
    try {
      return await attemptOnce(attempt);
    } catch (error) {
      if (attempt.committing && isLost(error)) {
        positions?.lose();
        throw unknownOutcome(connections.location, error);
      }
      const again = isCollision(error) ? n < MOST_COLLISIONS : isLost(error) && performance.now() < end;
      if (!again) throw translated(error, connections.location, kind);
      await pause(Math.random() * Math.min(250, 10 * 2 ** n));
    }
  }
}

function unknownOutcome(where: string, cause: unknown): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The connection to ${where} was lost while a write was being committed: it may or may not be kept.`,
    { hint: "Read it again before repeating the write.", cause },
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
