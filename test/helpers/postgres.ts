import { randomBytes } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import { describe, inject } from "vitest";
import { type PostgresHere, startedPostgres } from "./postgres-start.ts";

// Here and not in a hook: whether tests are skipped is decided while a file is read.
const here: PostgresHere = await startedPostgres(inject("postgres"));

/** A database of its own on the server of this run. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends the connections to it and deletes it. */
  readonly drop: () => Promise<void>;
}

/** Tests that need a real server; where there is none they are skipped, and the closing line of `npm test` says so. */
export function describeWithServer(name: string, tests: () => void): void {
  describe.runIf("url" in here)(`${name} (needs a PostgreSQL server)`, tests);
}

/**
 * Creates a database owned by the superuser: empty (no extension either), or a copy of `template`, to which nobody may be
 * connected meanwhile.
 */
export async function newDatabase(options: { readonly template?: string } = {}): Promise<TestDatabase> {
  if (!("url" in here)) throw new Error(`There is no PostgreSQL server here: ${here.pglite}`);
  const { url } = here;
  const name = `test_${randomBytes(8).toString("hex")}`;
  const { template = "template0" } = options;
  await administer(url, `CREATE DATABASE ${name} TEMPLATE ${pg.escapeIdentifier(template)}`);
  return {
    url: withPath(url, name),
    name,
    drop: () => administer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** A connected client of a URL; its caller ends it. */
export async function adminClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The same database for another login. */
export function asLogin(url: string, user: string, password = ""): string {
  const other = new URL(url);
  other.username = encodeURIComponent(user);
  other.password = encodeURIComponent(password);
  return other.href;
}

/** PostgreSQL in this process, with the vector extension made; one a file is enough. Its caller closes it. */
export async function newPglite(): Promise<PGlite> {
  const lite = await PGlite.create({ extensions: { vector } });
  await lite.exec("CREATE EXTENSION IF NOT EXISTS vector");
  return lite;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = await adminClient(url);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withPath(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
