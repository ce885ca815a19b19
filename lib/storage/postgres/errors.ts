import { type ErrorCode, KnowledgeError } from "../../domain/error.ts";

interface Reading {
  readonly code: ErrorCode;
  readonly says: (where: string) => string;
  readonly hint: string;
}

const DEFECT: Reading = {
  code: "internal",
  says: () => "Internal error.",
  hint: "This is a defect of AIKnowSys; run again with --verbose and report what it logs.",
};
const UNREACHABLE: Reading = {
  code: "unavailable",
  says: (where) => `The database ${where} cannot be reached.`,
  hint: "Check that PostgreSQL runs there and that host and port in POSTGRES_URL (or --connection) are right.",
};
const LOST: Reading = {
  code: "unavailable",
  says: (where) => `The connection to ${where} was lost.`,
  hint: "Try again: the database may be restarting. If it stays so, check host and port in POSTGRES_URL (or --connection).",
};
const BUSY: Reading = {
  code: "unavailable",
  says: (where) => `The database ${where} is too busy with the same rows.`,
  hint: "Try again in a moment.",
};
const STOPPED: Reading = {
  code: "unavailable",
  says: (where) => `The database ${where} took too long and was stopped.`,
  hint: "Narrow the question, or raise POSTGRES_STATEMENT_TIMEOUT_MS.",
};
const STOPPED_WRITE: Reading = {
  ...STOPPED,
  hint: "Nothing of this write was kept. Try again when the database is less busy, or raise POSTGRES_STATEMENT_TIMEOUT_MS.",
};
const NO_RIGHT: Reading = {
  code: "unavailable",
  says: (where) => `Rights that AIKnowSys gives its roles in ${where} were taken away.`,
  hint: "Let the schema's owner give them again as schema/postgres does (GRANT … TO aiknowsys_app); the server's log names the table.",
};
const TAKEN: Reading = {
  code: "conflict",
  says: () => "Another process has written the same meanwhile.",
  hint: "Read it again, then repeat what you did.",
};
const FORBIDDEN: Reading = {
  code: "forbidden",
  says: () => "The database does not let this login do that.",
  hint: "Work in a project that was granted to you, or ask for the right.",
};
const UNTRUSTED: Reading = {
  code: "unavailable",
  says: (where) => `The TLS certificate of ${where} is not trusted.`,
  hint: "Name the root certificate of the server in POSTGRES_CA_FILE; docs/postgres.md shows where providers keep it.",
};
const OUTDATED: Reading = {
  code: "unavailable",
  says: (where) => `The TLS certificate of ${where} is not valid today.`,
  hint: "Renew it at the server, and check the clocks of both machines.",
};
const MISNAMED: Reading = {
  code: "unavailable",
  says: (where) => `The TLS certificate of ${where} is for another name.`,
  hint: "Name the host as the certificate does, or give that name in the address: ?sslservername=name.",
};
const NO_TLS: Reading = {
  code: "unavailable",
  says: (where) => `The database ${where} does not speak TLS, but TLS is asked for.`,
  hint: "Turn TLS on at the server, or leave sslmode out of POSTGRES_URL where the network is private.",
};
const TLS_FAILED: Reading = {
  code: "unavailable",
  says: (where) => `${where} and this program could not agree on TLS.`,
  hint: "Check that the server offers TLS 1.2 or newer at this port.",
};
const NO_POSTGRES: Reading = {
  code: "unavailable",
  says: (where) => `What answers at ${where} is no PostgreSQL server.`,
  hint: "Check host and port in POSTGRES_URL (or --connection); PostgreSQL is usually at 5432.",
};
const NO_PASSWORD: Reading = {
  code: "unavailable",
  says: (where) => `The database ${where} asks for a password, and none is given.`,
  hint: "Put it into POSTGRES_URL as postgres://user:password@host/database, or set PGPASSWORD.",
};
const GONE: Reading = {
  code: "not_found",
  says: () => "What this belongs to is not there.",
  hint: "Look the project and the row up again: another process may have removed them, or they were never yours.",
};
const NO_STORE: Reading = {
  code: "schema_mismatch",
  says: (where) => `The store in ${where} lacks a part of its schema.`,
  hint: "Restore it from a backup, or let the schema's owner make a new store with `aiknowsys migrate`.",
};

/** How SQLSTATEs (PostgreSQL documentation, appendix A) and socket errors read for people. */
const READINGS: ReadonlyMap<string, Reading> = new Map([
  ["40001", BUSY],
  ["40P01", BUSY],
  ["55P03", BUSY],
  ["42501", FORBIDDEN],
  ["23503", GONE],
  ["3F000", NO_STORE],
  ["42P01", NO_STORE],
  ["42883", NO_STORE],
  ["57014", STOPPED],
  [
    "28P01",
    {
      code: "unavailable",
      says: (where) => `The database ${where} refuses this user and password.`,
      hint: "Check user and password in POSTGRES_URL (or --connection); % and @ in a password are written %25 and %40.",
    },
  ],
  [
    "28000",
    {
      code: "unavailable",
      says: (where) => `The database ${where} does not admit this user from here.`,
      hint: "Check the user in POSTGRES_URL and the server's pg_hba.conf; many servers admit TLS only (?sslmode=require).",
    },
  ],
  [
    "3D000",
    {
      code: "unavailable",
      says: (where) => `There is no such database: ${where}.`,
      hint: "Create it, or name another one in POSTGRES_URL (or --connection).",
    },
  ],
  [
    "53300",
    {
      code: "unavailable",
      says: (where) => `The database ${where} has no connection left.`,
      hint: "Lower POSTGRES_POOL_MAX, or put a pooler such as PgBouncer in front.",
    },
  ],
  [
    "53100",
    {
      code: "unavailable",
      says: (where) => `The disk of ${where} is full.`,
      hint: "Free some space there; nothing of this write was kept.",
    },
  ],
  [
    "25006",
    {
      code: "unavailable",
      says: (where) => `The database ${where} is read-only.`,
      hint: "POSTGRES_URL must name the primary; a replica belongs into POSTGRES_READ_URL.",
    },
  ],
  ["57P01", LOST],
  ["57P02", LOST],
  ["57P03", LOST],
  ["25P03", LOST],
  ["ECONNRESET", LOST],
  ["EPIPE", LOST],
  ["ECONNREFUSED", UNREACHABLE],
  ["ENOTFOUND", UNREACHABLE],
  ["EAI_AGAIN", UNREACHABLE],
  ["ETIMEDOUT", UNREACHABLE],
  ["EHOSTUNREACH", UNREACHABLE],
  ["ENETUNREACH", UNREACHABLE],
  ["ENOENT", UNREACHABLE],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED],
  ["CERT_UNTRUSTED", UNTRUSTED],
  ["CERT_REJECTED", UNTRUSTED],
  ["CERT_HAS_EXPIRED", OUTDATED],
  ["CERT_NOT_YET_VALID", OUTDATED],
  ["ERR_TLS_CERT_ALTNAME_INVALID", MISNAMED],
  ["EPROTO", TLS_FAILED],
]);

/** What node-postgres gives without a code, by its words. */
const UNCODED: readonly (readonly [RegExp, Reading])[] = [
  [/timeout exceeded when trying to connect|timeout expired|due to connection timeout/i, UNREACHABLE],
  [/does not support SSL/i, NO_TLS],
  [/client password must be a/i, NO_PASSWORD],
  [/error establishing an SSL connection/i, NO_POSTGRES],
  [/connection terminated|connection ended|not queryable|client was closed/i, LOST],
];

/** Any error of the driver as a KnowledgeError; a KnowledgeError passes as it is. @param where without credentials */
export function translated(error: unknown, where: string, kind: "read" | "write" = "read"): KnowledgeError {
  if (error instanceof KnowledgeError) return error;
  const reading = (kind === "write" ? readingOfWrite(error) : readingOf(error)) ?? DEFECT;
  return new KnowledgeError(reading.code, reading.says(where), { hint: reading.hint, cause: error });
}

/** True after which the same transaction may well succeed when it is done again. */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01" || (code === "23505" && isName(memberOf(error, "constraint")));
}

/** Names are chosen by the transaction itself: done again, it chooses what is free then. */
function isName(constraint: string | undefined): boolean {
  return constraint !== undefined && /_(?:slug|ref)_key$/.test(constraint);
}

function memberOf(error: unknown, name: "constraint" | "routine"): string | undefined {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
  return typeof value === "string" ? value : undefined;
}

/** True when the connection is gone or cannot be had, so that another one is needed. */
export function isLost(error: unknown): boolean {
  const reading = readingOf(error);
  return reading === LOST || reading === UNREACHABLE || codeOf(error) === "53300";
}

/** True for what is thrown to callers when the server cannot be reached. */
export function isAway(error: unknown): boolean {
  return error instanceof KnowledgeError && isLost(error.cause);
}

/** True for a key that another transaction has taken meanwhile. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === "23505";
}

/** SQLSTATE or the socket's code. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function readingOfWrite(error: unknown): Reading | undefined {
  if (isDuplicate(error)) return TAKEN;
  const reading = readingOf(error);
  return reading === STOPPED ? STOPPED_WRITE : reading;
}

function readingOf(error: unknown): Reading | undefined {
  const code = codeOf(error);
  // A right that is missing, and not a row that a policy refuses: the server's own name of the place tells.
  if (code === "42501" && memberOf(error, "routine") === "aclcheck_error") return NO_RIGHT;
  const known = code === undefined ? undefined : READINGS.get(code);
  if (known !== undefined) return known;
  if (code?.startsWith("08") === true) return LOST;
  if (code?.startsWith("ERR_SSL_") === true) return TLS_FAILED;
  if (!(error instanceof Error)) return undefined;
  return UNCODED.find(([words]) => words.test(error.message))?.[1];
}
