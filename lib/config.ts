import { existsSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { BUCKET_VARIABLES } from "./bucket-settings.ts";
import { CREDENTIAL_VARIABLES } from "./credential-settings.ts";
import { KnowledgeError } from "./domain/error.ts";
import { parseTenantName } from "./domain/tenant.ts";
import { parseChoice } from "./domain/vocabulary.ts";
import { POSTGRES_VARIABLES, type PostgresSettings, postgresSettings } from "./postgres-settings.ts";
import { REMOTE_VARIABLES } from "./remote-settings.ts";
import { SERVER_VARIABLES } from "./server-settings.ts";

/** Every environment variable that is read, with its meaning: documentation is checked against this list. */
export const ENVIRONMENT_VARIABLES = {
  AIKNOWSYS_HOME: "folder of knowledge.db, backups and logs (default ~/.aiknowsys)",
  AIKNOWSYS_PROJECT: "project to work in instead of the current folder's",
  AIKNOWSYS_TENANT: "tenant to work in (default: default)",
  AIKNOWSYS_LOG_LEVEL: "debug, info, warn (default), error or silent",
  STORAGE_TYPE: "sqlite (default), postgres or hybrid",
  SQLITE_PATH: "the SQLite file (default $AIKNOWSYS_HOME/knowledge.db)",
  SQLITE_SYNCHRONOUS: "normal (default) or full: wait for the disk at every commit",
  ...POSTGRES_VARIABLES,
  ...SERVER_VARIABLES,
  ...REMOTE_VARIABLES,
  ...CREDENTIAL_VARIABLES,
  ...BUCKET_VARIABLES,
  EMBEDDING_PROVIDER: "local (default), openai, bedrock, huggingface or none",
  EMBEDDING_MODEL: "model of the provider",
  EMBEDDING_BASE_URL: "address of an OpenAI-compatible service",
  EMBEDDING_API_KEY: "key of that service",
  EMBEDDING_DIMENSIONS: "numbers in a vector, where the provider offers a choice",
} as const;

type Variable = keyof typeof ENVIRONMENT_VARIABLES;
type Environment = Readonly<Record<string, string | undefined>>;

const ENGINES = ["sqlite", "postgres", "hybrid"] as const;
const PROVIDERS = ["local", "openai", "bedrock", "huggingface", "none"] as const;
/** The tenant that a SQLite store holds, and that is meant where none is named (RULES 1). */
const ONLY_TENANT = "default";
const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
const SYNCHRONOUS = ["normal", "full"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Global options of a command line. */
export interface Flags {
  readonly project?: string | undefined;
  readonly allProjects?: boolean | undefined;
  readonly tenant?: string | undefined;
  readonly storage?: string | undefined;
  readonly db?: string | undefined;
  readonly connection?: string | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** Settings, frozen. Flags win over environment, environment over `.aiknowsys/config.json`, that over defaults. */
export interface Config {
  readonly home: string;
  /** The user's home folder: no project of its own (RULES 8). */
  readonly userHome: string;
  readonly cwd: string;
  readonly project: string | undefined;
  readonly allProjects: boolean;
  readonly tenant: string;
  readonly logLevel: LogLevel;
  /** Who writes, as history shows it. */
  readonly actor: string;
  readonly storage:
    | { readonly type: "sqlite"; readonly file: string; readonly synchronous: "normal" | "full" }
    | ({ readonly type: "postgres" } & PostgresSettings)
    | ({ readonly type: "hybrid"; readonly file: string } & PostgresSettings);
  readonly embedding: {
    readonly provider: (typeof PROVIDERS)[number];
    readonly model: string | undefined;
    readonly baseUrl: string | undefined;
    readonly apiKey: string | undefined;
    readonly dimensions: number | undefined;
  };
  /** Whether `create-*` writes files by default (`documents: files` in the project's settings). */
  readonly documents: "store" | "files";
}

export interface ConfigInput {
  readonly flags: Flags;
  readonly env: Environment;
  readonly cwd: string;
}

/** The environment of this process: doors take it from here. */
export function environment(): Environment {
  return process.env;
}

/**
 * @throws KnowledgeError `invalid_input` for a malformed setting: one sentence with the valid values;
 * `unsupported` for a tenant that the engine cannot have.
 */
export function loadConfig(input: ConfigInput): Config {
  const { flags, cwd } = input;
  const file = projectSettings(cwd);
  const read = (name: Variable): string | undefined => nonEmpty(input.env[name]);
  const userHome = nonEmpty(input.env.HOME) ?? homedir();
  const home = resolve(cwd, untilde(read("AIKNOWSYS_HOME") ?? "~/.aiknowsys", userHome));
  const storage = storageOf(input, file, home, userHome);
  return Object.freeze({
    home,
    userHome,
    cwd,
    project: flags.project ?? read("AIKNOWSYS_PROJECT"),
    allProjects: flags.allProjects ?? false,
    tenant: tenantOf(flags.tenant ?? read("AIKNOWSYS_TENANT") ?? ONLY_TENANT, storage),
    logLevel: logLevelOf(flags, read("AIKNOWSYS_LOG_LEVEL")),
    actor: nonEmpty(input.env.USER) ?? nonEmpty(input.env.USERNAME) ?? accountName(),
    storage,
    embedding: embeddingOf(read, file),
    documents: parseChoice("documents in .aiknowsys/config.json", file.documents ?? "store", [
      "store",
      "files",
    ]),
  });
}

interface SettingsFile {
  readonly documents?: string | undefined;
  readonly storage?: string | undefined;
  readonly embedding?: string | undefined;
}

/** `.aiknowsys/config.json` of the folder or the nearest one above it. */
function projectSettings(cwd: string): SettingsFile {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, ".aiknowsys", "config.json");
    if (existsSync(path)) return parseSettings(path);
    if (dirname(folder) === folder) return {};
  }
}

function parseSettings(path: string): SettingsFile {
  const member = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new KnowledgeError("invalid_input", `The settings file ${path} is not valid JSON.`, {
      hint: "Correct it, or remove it to use the defaults.",
      cause,
    });
  }
  const members = new Map(Object.entries(typeof settings === "object" && settings !== null ? settings : {}));
  return {
    documents: member(members.get("documents")),
    storage: member(members.get("storage")),
    embedding: member(members.get("embedding")),
  };
}

function storageOf(
  input: ConfigInput,
  file: SettingsFile,
  home: string,
  userHome: string,
): Config["storage"] {
  const { flags, env, cwd } = input;
  const type = engineOf(flags, nonEmpty(env.STORAGE_TYPE) ?? file.storage);
  const given = flags.db ?? nonEmpty(env.SQLITE_PATH);
  const path = given === undefined ? join(home, "knowledge.db") : resolve(cwd, untilde(given, userHome));
  if (type === "sqlite") {
    const synchronous = parseChoice(
      "SQLITE_SYNCHRONOUS",
      nonEmpty(env.SQLITE_SYNCHRONOUS) ?? "normal",
      SYNCHRONOUS,
    );
    return Object.freeze({ type, file: path, synchronous });
  }
  const url = flags.connection ?? nonEmpty(env.POSTGRES_URL) ?? nonEmpty(env.DATABASE_URL);
  if (url !== undefined) {
    const settings = postgresSettings(url, (name) => nonEmpty(env[name]));
    return Object.freeze(type === "postgres" ? { type, ...settings } : { type, file: path, ...settings });
  }
  throw new KnowledgeError(
    "invalid_input",
    `Storage is set to ${type}, but no PostgreSQL address is given.`,
    {
      field: "connection",
      hint: "Set POSTGRES_URL or give --connection postgres://user@host/database.",
    },
  );
}

/** A place that is named on the command line names its engine too: it must never be passed over for another store. */
function engineOf({ storage, db, connection }: Flags, byDefault = "sqlite"): (typeof ENGINES)[number] {
  const type = parseChoice("STORAGE_TYPE", storage ?? byDefault, ENGINES);
  if (type === "hybrid") return type;
  if (db !== undefined && connection !== undefined) throw contradiction("--db and --connection");
  if (storage === undefined) {
    if (connection !== undefined) return "postgres";
    return db === undefined ? type : "sqlite";
  }
  if (type === "sqlite" && connection !== undefined) throw contradiction("--storage sqlite and --connection");
  if (type === "postgres" && db !== undefined) throw contradiction("--storage postgres and --db");
  return type;
}

function contradiction(flags: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `The options ${flags} name two different stores.`, {
    field: "storage",
    hint: "Give --db for a SQLite file, or --connection for a PostgreSQL database.",
  });
}

function embeddingOf(read: (name: Variable) => string | undefined, file: SettingsFile): Config["embedding"] {
  const provider = parseChoice(
    "EMBEDDING_PROVIDER",
    read("EMBEDDING_PROVIDER") ?? file.embedding ?? "local",
    PROVIDERS,
  );
  return Object.freeze({
    provider,
    model: read("EMBEDDING_MODEL"),
    baseUrl: read("EMBEDDING_BASE_URL"),
    apiKey: read("EMBEDDING_API_KEY"),
    dimensions: wholeNumber("EMBEDDING_DIMENSIONS", read("EMBEDDING_DIMENSIONS")),
  });
}

function tenantOf(given: string, storage: Config["storage"]): string {
  const name = parseTenantName(given);
  if (storage.type === "postgres" || name === ONLY_TENANT) return name;
  const what = storage.type === "sqlite" ? "SQLite" : "hybrid";
  throw new KnowledgeError("unsupported", `A ${what} store has no tenant "${name}": it holds one only.`, {
    field: "tenant",
    valid: [ONLY_TENANT],
    hint: `Leave the tenant out, or name it ${ONLY_TENANT}.`,
  });
}

function logLevelOf(flags: Flags, text: string | undefined): LogLevel {
  if (flags.verbose === true) return "debug";
  if (flags.quiet === true) return "error";
  return parseChoice("AIKNOWSYS_LOG_LEVEL", text ?? "warn", LOG_LEVELS);
}

function wholeNumber(name: Variable, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new KnowledgeError("invalid_input", `${name} is "${text}", which is not a whole number above 0.`, {
    field: name,
    hint: `Set ${name} to a number such as 384, or leave it out.`,
  });
}

function untilde(path: string, userHome: string): string {
  if (path === "~") return userHome;
  return path.startsWith("~/") && !isAbsolute(path) ? join(userHome, path.slice(2)) : path;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // No account entry for this user id (containers): the history still needs a name.
    return "unknown";
  }
}
