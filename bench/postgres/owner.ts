import pg from "pg";
import type { Client } from "../../lib/storage/postgres/driver.ts";
import { withNumbers } from "../../lib/storage/postgres/driver.ts";
import { parameterOf } from "../../lib/storage/postgres/parameters.ts";

/** A connection past the adapter, for what the bench may do in bulk: as the login itself, with our schema in its path. */
export async function connectOwner(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SET search_path = aiknowsys, public; SET TimeZone = 'UTC'; SET statement_timeout = 0");
  return client;
}

/** The same connection as functions of the adapter use one; without transactions of its own. */
export function clientFor(owner: pg.Client, tenant: string): Client {
  const ask = (sql: string, values: readonly Parameters<typeof parameterOf>[0][]) =>
    owner.query<unknown[]>({ text: withNumbers(sql), values: values.map(parameterOf), rowMode: "array" });
  return {
    tenant,
    rows: async (sql, ...values) => (await ask(sql, values)).rows,
    last: async (sql, ...values) => (await ask(sql, values)).rows,
    run: async (sql, ...values) => (await ask(sql, values)).rowCount ?? 0,
  };
}
