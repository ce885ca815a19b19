import { readFileSync } from "node:fs";
import { KnowledgeError } from "./domain/error.ts";
import { VECTOR_INDEX_MODES, type VectorIndexMode } from "./storage/contract/vector-index.ts";

/** How a PostgreSQL store is reached: what of INTERFACE §5 begins with POSTGRES_. */
export interface PostgresSettings {
  readonly url: string;
  /** A read replica. */
  readonly readUrl: string | undefined;
  /** Past a pooler, for migrations. */
  readonly directUrl: string | undefined;
  readonly ssl: string | undefined;
  /** Text of the root certificate in POSTGRES_CA_FILE. */
  readonly ca: string | undefined;
  readonly poolMin: number;
  readonly poolMax: number;
  readonly idleTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly vectorIndex: VectorIndexMode;
}

export const POSTGRES_VARIABLES = {
  POSTGRES_URL: "PostgreSQL connection, used when STORAGE_TYPE is postgres or hybrid",
  POSTGRES_READ_URL: "a read replica of it",
  POSTGRES_DIRECT_URL: "the same database past a pooler, for migrations",
  POSTGRES_SSL: "disable, require or verify-full (default: what sslmode in the URL says)",
  POSTGRES_CA_FILE: "file of a root certificate to trust",
  POSTGRES_POOL_MIN: "connections kept open (default 0)",
  POSTGRES_POOL_MAX: "connections at the most (default 10)",
  POSTGRES_IDLE_TIMEOUT_MS: "when an idle connection is closed (default 30000)",
  POSTGRES_STATEMENT_TIMEOUT_MS: "how long one statement may take (default 5000)",
  POSTGRES_CONNECT_TIMEOUT_MS: "how long to wait for a connection (default 5000)",
  POSTGRES_VECTOR_INDEX: "auto (default), exact, ivfflat or hnsw",
} as const;

type Read = (name: keyof typeof POSTGRES_VARIABLES) => string | undefined;

/** @throws KnowledgeError `invalid_input` for a malformed setting: one sentence with the valid values. */
export function postgresSettings(url: string, read: Read): PostgresSettings {
  const number = (name: keyof typeof POSTGRES_VARIABLES, byDefault: number, least: number) =>
    wholeNumber(name, read(name), { byDefault, least });
  const poolMax = number("POSTGRES_POOL_MAX", 10, 1);
  return Object.freeze({
    url,
    readUrl: read("POSTGRES_READ_URL"),
    directUrl: read("POSTGRES_DIRECT_URL"),
    ssl: read("POSTGRES_SSL"),
    ca: certificateOf(read("POSTGRES_CA_FILE")),
    poolMin: Math.min(number("POSTGRES_POOL_MIN", 0, 0), poolMax),
    poolMax,
    idleTimeoutMs: number("POSTGRES_IDLE_TIMEOUT_MS", 30_000, 0),
    statementTimeoutMs: number("POSTGRES_STATEMENT_TIMEOUT_MS", 5_000, 1),
    connectTimeoutMs: number("POSTGRES_CONNECT_TIMEOUT_MS", 5_000, 1),
    vectorIndex: vectorIndexOf(read("POSTGRES_VECTOR_INDEX") ?? "auto"),
  });
}

function wholeNumber(
  name: string,
  text: string | undefined,
  { byDefault, least }: { readonly byDefault: number; readonly least: number },
): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 2_147_483_647) return value;
  throw new KnowledgeError(
    "invalid_input",
    `${name} is "${text.slice(0, 40)}", which is not a whole number from ${least} up.`,
    {
      field: name,
      hint: `Set ${name} to a number such as ${byDefault}, or leave it out.`,
    },
  );
}

function vectorIndexOf(text: string): VectorIndexMode {
  const mode = VECTOR_INDEX_MODES.find((known) => known === text.toLowerCase());
  if (mode !== undefined) return mode;
  throw new KnowledgeError(
    "invalid_input",
    `POSTGRES_VECTOR_INDEX is "${text.slice(0, 40)}", which is no kind of index.`,
    {
      field: "POSTGRES_VECTOR_INDEX",
      valid: VECTOR_INDEX_MODES,
      hint: "Leave it out to let the number of passages decide.",
    },
  );
}

function certificateOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new KnowledgeError("invalid_input", `The certificate file ${file} cannot be read.`, {
      field: "POSTGRES_CA_FILE",
      hint: "Name a readable file in PEM format, or leave POSTGRES_CA_FILE out.",
      cause,
    });
  }
}
