import { KnowledgeError } from "../../domain/error.ts";
import type { Finding } from "../contract/upkeep.ts";
import { ReplicaBehind } from "./database.ts";
import type { Connections, Database } from "./driver.ts";
import { codeOf, isCollision } from "./errors.ts";

/** A read replica of the primary: asked where it is good for it, and otherwise left alone for a while. */
export interface Replica {
  readonly connections: Connections;
  /** A database whose reads are the replica's where that is possible; its writes are the primary's. */
  over(databases: { readonly primary: Database; readonly onReplica: Database }): Database;
  /** Tries it now. What keeps it from being read, or []. */
  check(databases: { readonly primary: Database; readonly onReplica: Database }): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** How long a replica that failed is left alone. */
const REST_MS = 5_000;
/** How long one that is behind is left alone, after these pauses have not been enough. */
const BEHIND_REST_MS = 250;
const PAUSES_MS = [2, 8, 20];
/** How often a check tries one that is behind. */
const CHECKS = 8;
const STORE_ID = "SELECT value FROM store_info WHERE name = 'store_id'";

/**
 * Reads go to the primary until the replica has been tried beside them, so that one that is away costs no caller
 * time; an answer that fails there is given by the primary.
 */
export function openReplica(connections: Connections): Replica {
  let trust: "untried" | "trying" | "good" = "untried";
  let restUntil = 0;
  let trial: Promise<void> = Promise.resolve();
  const rest = (ms: number) => {
    restUntil = performance.now() + ms;
  };
  const tryOut = async (databases: Databases) => {
    trust = "trying";
    try {
      await requireSameStore(databases, connections.location);
      trust = "good";
    } catch (error) {
      trust = "untried";
      rest(isBehind(error) ? BEHIND_REST_MS : REST_MS);
      throw error;
    }
  };
  const isReady = (databases: Databases) => {
    if (performance.now() < restUntil) return false;
    if (trust === "untried") trial = tryOut(databases).catch(() => undefined);
    return trust === "good";
  };
  const judge = (error: unknown) => {
    if (isBehind(error)) rest(BEHIND_REST_MS);
    else if (isItsFault(error)) {
      trust = "untried";
      rest(REST_MS);
    }
  };
  return {
    connections,
    over: (databases) => ({
      write: databases.primary.write,
      read: async (work) => {
        if (!isReady(databases)) return databases.primary.read(work);
        try {
          return await patientRead(databases.onReplica, work);
        } catch (error) {
          if (isSlow(error)) throw error;
          judge(error);
          // Whatever it was, a word of the work itself included: the primary's is the one that counts.
          return databases.primary.read(work);
        }
      },
    }),
    check: async (databases) => {
      for (let attempt = 1; ; attempt++) {
        try {
          await tryOut(databases);
          return [];
        } catch (error) {
          if (!isBehind(error) || attempt === CHECKS) return [unused(error)];
          await pause(BEHIND_REST_MS);
        }
      }
    },
    close: async () => {
      await trial;
      await connections.close();
    },
  };
}

type Databases = Parameters<Replica["over"]>[0];

/** A replica of another store would answer, too. */
async function requireSameStore({ primary, onReplica }: Databases, where: string): Promise<void> {
  const ours = await primary.read((client) => client.rows(STORE_ID));
  const theirs = await patientRead(onReplica, (client) => client.rows(STORE_ID));
  if (ours[0]?.[0] === theirs[0]?.[0]) return;
  throw new KnowledgeError("unavailable", `The database ${where} is no replica of this store.`);
}

/** A replica is a moment behind after each write: it is given that moment. */
async function patientRead<Result>(
  onReplica: Database,
  work: Parameters<typeof onReplica.read<Result>>[0],
): Promise<Result> {
  for (const ms of PAUSES_MS) {
    try {
      return await onReplica.read(work);
    } catch (error) {
      if (!isBehind(error)) throw error;
      await pause(ms);
    }
  }
  return onReplica.read(work);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function isBehind(error: unknown): boolean {
  return causeOf(error) instanceof ReplicaBehind;
}

/** Work that took too long takes long on the primary, too. */
function isSlow(error: unknown): boolean {
  return codeOf(causeOf(error)) === "57014";
}

/** The server or the way to it, and not the work: a replica also cancels reads that hold up its replaying. */
function isItsFault(error: unknown): boolean {
  const cause = causeOf(error);
  return cause !== undefined && !isCollision(cause);
}

function causeOf(error: unknown): unknown {
  return error instanceof KnowledgeError ? error.cause : error;
}

function unused(error: unknown): Finding {
  const why = isBehind(error)
    ? "It does not follow the primary, or is seconds behind."
    : error instanceof KnowledgeError
      ? error.message
      : String(error);
  return {
    severity: "warning",
    what: `The replica in POSTGRES_READ_URL is not read: ${why}`,
    advice: "The primary answers meanwhile; check the replica and POSTGRES_READ_URL.",
  };
}
