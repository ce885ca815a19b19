import { onTestFinished } from "vitest";
import type { ErrorCode } from "../../lib/domain/error.ts";
import { asLogin } from "../helpers/postgres.ts";
import {
  altered,
  answering,
  database,
  login,
  owned,
  PASSWORD,
  rootFile,
  type Setting,
  statements,
  store,
  webServer,
  withoutTls,
} from "./postgres-bad-places.ts";

/** Where a program is sent, what it says there, and what with. */
export interface BadInput {
  readonly what: string;
  /** @param guarded address of a server that asks for passwords and speaks TLS */
  readonly given: (guarded: string) => Promise<Setting> | Setting;
  /** Default: `query-plans`. */
  readonly args?: readonly string[];
  /** Default: `unavailable`. */
  readonly code?: ErrorCode;
  readonly says: string;
  readonly hint: string;
}

const ENCODED =
  "Write it as postgres://user:password@host:5432/database?sslmode=require; in user and password write %25 for %, %40 for @, %2F for /, %23 for # and %3F for ?.";

const NEWER =
  "INSERT INTO aiknowsys.schema_migrations SELECT max(version) + 1, '999999_later', 'x', now() FROM aiknowsys.schema_migrations";

export const BAD_INPUTS: readonly BadInput[] = [
  {
    what: "a wrong password",
    given: (guarded) => ({ url: asLogin(guarded, "locked", `not-${PASSWORD}`) }),
    says: "The database postgres://… refuses this user and password.",
    hint: "Check user and password in POSTGRES_URL (or --connection); % and @ in a password are written %25 and %40.",
  },
  {
    what: "no password where one is asked for",
    given: (guarded) => ({ url: asLogin(guarded, "locked") }),
    says: "The database postgres://… asks for a password, and none is given.",
    hint: "Put it into POSTGRES_URL as postgres://user:password@host/database, or set PGPASSWORD.",
  },
  {
    what: "a user whom the server does not admit from here",
    given: (guarded) => ({ url: asLogin(guarded, "stranger", PASSWORD) }),
    says: "The database postgres://… does not admit this user from here.",
    hint: "Check the user in POSTGRES_URL and the server's pg_hba.conf; many servers admit TLS only (?sslmode=require).",
  },
  {
    what: "a host at which no server listens",
    given: () => ({ url: `postgres://team:${PASSWORD}@127.0.0.1:1/knowledge` }),
    says: "The database postgres://… cannot be reached.",
    hint: "Check that PostgreSQL runs there and that host and port in POSTGRES_URL (or --connection) are right.",
  },
  {
    what: "a host that does not exist",
    given: () => ({ url: `postgres://team:${PASSWORD}@nowhere.invalid/knowledge` }),
    says: "The database postgres://… cannot be reached.",
    hint: "Check that PostgreSQL runs there and that host and port in POSTGRES_URL (or --connection) are right.",
  },
  {
    what: "a host that never answers",
    given: async () => ({
      url: await answering(() => undefined),
      env: { POSTGRES_CONNECT_TIMEOUT_MS: "300" },
    }),
    says: "The database postgres://… cannot be reached.",
    hint: "Check that PostgreSQL runs there and that host and port in POSTGRES_URL (or --connection) are right.",
  },
  {
    what: "another program's port",
    given: async () => ({ url: await answering(webServer) }),
    says: "The connection to postgres://… was lost.",
    hint: "Try again: the database may be restarting. If it stays so, check host and port in POSTGRES_URL (or --connection).",
  },
  {
    what: "another program's port, asked for TLS",
    given: async () => ({ url: `${await answering(webServer)}?sslmode=require` }),
    says: "What answers at postgres://… is no PostgreSQL server.",
    hint: "Check host and port in POSTGRES_URL (or --connection); PostgreSQL is usually at 5432.",
  },
  {
    what: "a database that is not there",
    given: async () => ({ url: (await database()).replace(/\w+$/, "no_such_place") }),
    says: "There is no such database: postgres://….",
    hint: "Create it, or name another one in POSTGRES_URL (or --connection).",
  },
  {
    what: "a database without a store",
    given: async () => ({ url: await database() }),
    code: "schema_mismatch",
    says: "The database postgres://… holds no store yet.",
    hint: "Run `aiknowsys migrate` with a login that owns the schema.",
  },
  {
    what: "a server without pgvector",
    given: async () => ({ url: await altered(await database(), "name = 'vector'", "name = 'victor'") }),
    args: ["migrate"],
    says: "This PostgreSQL server has no pgvector.",
    hint: "Install pgvector 0.8 or newer there (docs/postgres.md says how), or choose a provider that offers it.",
  },
  {
    what: "an owner who may not make the extension",
    given: async () => ({ url: await owned(await database()) }),
    args: ["migrate"],
    says: "This login may not install pgvector in the database.",
    hint: "Let a superuser, or what a managed service has for one, run CREATE EXTENSION vector there; then try again.",
  },
  {
    what: "an older pgvector",
    given: () => store("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'"),
    says: "pgvector is version 0.7.4 here; AIKnowSys needs 0.8 or newer.",
    hint: "Update it at the server, then run ALTER EXTENSION vector UPDATE in this database.",
  },
  {
    what: "an older PostgreSQL",
    given: async () => ({
      url: await altered(
        await database(),
        "current_setting('server_version_num')::int, current_setting('server_version')",
        "140012, '14.12'",
      ),
    }),
    says: "PostgreSQL is version 14.12 here; AIKnowSys needs 15 or newer.",
    hint: "Update the server, or name another one in POSTGRES_URL (or --connection).",
  },
  {
    what: "a database that is not in UTF-8",
    given: async () => {
      const url = await database();
      const name = `${url.slice(url.lastIndexOf("/") + 1)}_ascii`;
      await statements(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`);
      onTestFinished(() => statements(url, `DROP DATABASE ${name} WITH (FORCE)`));
      return { url: `${url}_ascii` };
    },
    args: ["migrate"],
    says: "The database keeps text as SQL_ASCII, which cannot hold all of it.",
    hint: "Create a database with ENCODING 'UTF8' and name that one in POSTGRES_URL (or --connection).",
  },
  {
    what: "a store that a newer program has changed",
    given: () => store(NEWER, "UPDATE aiknowsys.store_info SET value = '999' WHERE name LIKE 'oldest%'"),
    code: "schema_mismatch",
    says: "The store has schema version 3; this program knows versions up to 2.",
    hint: "Update AIKnowSys: a newer version has used this store.",
  },
  {
    what: "a write into a store that a newer program has changed",
    given: () => store(NEWER, "UPDATE aiknowsys.store_info SET value = '999' WHERE name = 'oldest_writer'"),
    args: ["create-plan", "--title", "Dredge the basin"],
    code: "schema_mismatch",
    says: "A newer version of AIKnowSys has changed this store's schema.",
    hint: "Reading works; update AIKnowSys to write.",
  },
  {
    what: "a server's certificate that nobody trusts",
    given: (guarded) => ({ url: `${asLogin(guarded, "locked", PASSWORD)}?sslmode=require` }),
    says: "The TLS certificate of postgres://… is not trusted.",
    hint: "Name the root certificate of the server in POSTGRES_CA_FILE; docs/postgres.md shows where providers keep it.",
  },
  {
    what: "a trusted certificate for another name",
    given: (guarded) => ({
      url: `${asLogin(guarded, "locked", PASSWORD)}?sslmode=require&sslservername=db.example`,
      env: { POSTGRES_CA_FILE: rootFile() },
    }),
    says: "The TLS certificate of postgres://… is for another name.",
    hint: "Name the host as the certificate does, or give that name in the address: ?sslservername=name.",
  },
  {
    what: "a trusted certificate, and behind it a database without a store",
    given: (guarded) => ({
      url: `${asLogin(guarded, "locked", PASSWORD)}?sslmode=verify-full`,
      env: { POSTGRES_CA_FILE: rootFile() },
    }),
    code: "schema_mismatch",
    says: "The database postgres://… holds no store yet.",
    hint: "Run `aiknowsys migrate` with a login that owns the schema.",
  },
  {
    what: "TLS that the server does not speak",
    given: async () => ({ url: `${await answering(withoutTls)}?sslmode=require` }),
    says: "The database postgres://… does not speak TLS, but TLS is asked for.",
    hint: "Turn TLS on at the server, or leave sslmode out of POSTGRES_URL where the network is private.",
  },
  {
    what: "a replica's address that is none",
    given: async () => ({ url: await database(), env: { POSTGRES_READ_URL: `replica:${PASSWORD}` } }),
    code: "invalid_input",
    says: "The address in POSTGRES_READ_URL does not begin with postgres://.",
    hint: ENCODED,
  },
  {
    what: "a way past the pooler that is none",
    given: async () => ({ url: await database(), env: { POSTGRES_DIRECT_URL: `direct ${PASSWORD}` } }),
    code: "invalid_input",
    says: "The address in POSTGRES_DIRECT_URL is not a URL.",
    hint: ENCODED,
  },
  {
    what: "a login that may not enter the role",
    given: async () => ({ url: await login((await store()).url, "") }),
    says: "This login may not enter the role aiknowsys_app.",
    hint: "Let the owner run GRANT aiknowsys_app TO this login, or `aiknowsys migrate` with a login that may.",
  },
  {
    what: "a login that may not migrate",
    given: async () => ({ url: await login(await database(), "") }),
    args: ["migrate"],
    says: "This login may not change the schema of the store.",
    hint: "Run `aiknowsys migrate` with the login that owns the schema aiknowsys (of a new store: the database).",
  },
  {
    what: "an unknown tenant",
    given: async () => ({ url: (await store()).url, env: { AIKNOWSYS_TENANT: "quarry" } }),
    code: "not_found",
    says: 'There is no tenant "quarry" in this store.',
    hint: "Leave --tenant out to work in the tenant default.",
  },
  ...(
    [
      ["no address", "", "not there"],
      [
        "an address of another kind",
        `mysql://u:${PASSWORD}@db.example/a`,
        "The PostgreSQL address does not begin with postgres://.",
      ],
      [
        "words in place of an address",
        `host=db.example password=${PASSWORD}`,
        "The PostgreSQL address is not a URL.",
      ],
      [
        "a password with a slash in it",
        `postgres://u:12/${PASSWORD}@db.example/a`,
        "The PostgreSQL address is not written in full, or has a character in it that must be encoded.",
      ],
      [
        "a password with a hash in it",
        `postgres://u:12#${PASSWORD}@db.example/a`,
        "The PostgreSQL address is not written in full, or has a character in it that must be encoded.",
      ],
      [
        "a password with a per cent sign in it",
        `postgres://u:%${PASSWORD}@db.example/a`,
        "The PostgreSQL address has a % in it that is not followed by two hexadecimal digits.",
      ],
      [
        "a port that is none",
        `postgres://u:${PASSWORD}@db.example/a?port=five`,
        "The PostgreSQL address names a port that is no number from 1 to 65535.",
      ],
    ] as const
  ).map(
    ([what, url, says]): BadInput => ({
      ...{ what, given: () => ({ url }), code: "invalid_input" },
      ...(url === ""
        ? {
            says: "Storage is set to postgres, but no PostgreSQL address is given.",
            hint: "Set POSTGRES_URL or give --connection postgres://user@host/database.",
          }
        : { says, hint: ENCODED }),
    }),
  ),
];
