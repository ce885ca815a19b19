import { KnowledgeError } from "../../domain/error.ts";
import { isUuid } from "../../domain/ids.ts";
import { type Client, type Connections, type Database, type Lent, withNumbers } from "./driver.ts";
import { isCollision, isLost, translated } from "./errors.ts";
import { parameterOf } from "./parameters.ts";

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
}

const STATEMENT_TIMEOUT_MS = 5_000;
const PATIENCE_MS = 2_000;
const MOST_COLLISIONS = 10;
const READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";

/** A database whose every transaction enters the role and says whose rows it works on before anything else. */
export function openDatabase(options: DatabaseOptions): Database {
  const prologue = prologueOf(options);
  const { tenant } = options.access;
  const transact = <Result>(begin: string, work: (client: Client) => Promise<Result>) =>
    patiently(options, (attempt) =>
      once(options.connections, { begin: begin + prologue, tenant, attempt }, work),
    );
  return {
    read: (work) => transact(READ, work),
    write: (work) => transact("BEGIN;", work),
  };
}

/**
 * SET LOCAL and transaction-local settings: they end with the transaction, so the next borrower of the
 * connection starts without any. Timeouts too, because PgBouncer refuses them at the start of a connection.
 */
function prologueOf({ access, searchPath, statementTimeoutMs }: DatabaseOptions): string {
  const timeout = statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const projects = access.projects === "all" ? "*" : `{${access.projects.map(requireUuid).join()}}`;
  const settings: readonly (readonly [string, string])[] = [
    ["search_path", searchPath.map(quoted).join(", ")],
    ["aiknowsys.tenant", requireUuid(access.tenant)],
    ["aiknowsys.projects", projects],
    ["TimeZone", "UTC"],
    ["DateStyle", "ISO, YMD"],
    ["statement_timeout", String(timeout)],
    ["lock_timeout", String(timeout)],
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
  readonly begin: string;
  readonly tenant: string;
  readonly attempt: Attempt;
}

async function once<Result>(
  connections: Connections,
  { begin, tenant, attempt }: Transaction,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const lent = await connections.lend();
  // Not awaited yet: the driver sends what follows behind it, and a failure shows below.
  const begun = lent.script(begin);
  begun.catch(() => undefined);
  let broken = true;
  try {
    const result = await firstError(begun, work(clientOver(lent, tenant)));
    attempt.committing = !begin.startsWith(READ);
    await lent.script("COMMIT");
    attempt.committing = false;
    broken = false;
    return result;
  } catch (error) {
    broken = isLost(error) || !(await rolledBack(lent));
    throw error;
  } finally {
    lent.release(broken);
  }
}

/** The result of the work, or why the transaction could not begin: that is the cause of what failed after it. */
async function firstError<Result>(begun: Promise<void>, work: Promise<Result>): Promise<Result> {
  try {
    const result = await work;
    await begun;
    return result;
  } catch (error) {
    await begun;
    throw error;
  }
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

function clientOver(lent: Lent, tenant: string): Client {
  return {
    tenant,
    rows: async (sql, ...values) => (await lent.query(withNumbers(sql), values.map(parameterOf))).rows,
    run: async (sql, ...values) => (await lent.query(withNumbers(sql), values.map(parameterOf))).count,
  };
}

/** Tries again after collisions and lost connections, with growing random pauses; what fails reads for people. */
async function patiently<Result>(
  { connections, patienceMs = PATIENCE_MS }: DatabaseOptions,
  attemptOnce: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const end = performance.now() + patienceMs;
  for (let n = 1; ; n++) {
    const attempt: Attempt = { committing: false };
    try {
      return await attemptOnce(attempt);
    } catch (error) {
      if (attempt.committing && isLost(error)) throw unknownOutcome(connections.location, error);
      const again = isCollision(error) ? n < MOST_COLLISIONS : isLost(error) && performance.now() < end;
      if (!again) throw translated(error, connections.location);
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
