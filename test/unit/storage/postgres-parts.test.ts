import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { schemaFolder } from "../../../lib/storage/migrate.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import type { Connections } from "../../../lib/storage/postgres/driver.ts";
import { PARTS, partsOf } from "../../../lib/storage/postgres/parts.ts";
import { openPglite } from "../../helpers/pglite-connections.ts";

let connections: Connections;
let storage: PostgresStorage;

beforeAll(async () => {
  connections = await openPglite();
  storage = await PostgresStorage.over(connections, { migrate: true });
}, 120_000);

afterAll(() => storage.close());

async function inSchema(sql: string): Promise<readonly (readonly unknown[])[]> {
  const lent = await connections.lend();
  try {
    await lent.script("SET search_path = aiknowsys, public");
    return (await lent.answers(sql)).at(-1) ?? [];
  } finally {
    lent.release(false);
  }
}

it("reads from the snapshot just the parts that a new database has", async () => {
  const there = (await inSchema(PARTS)).map(([part]) => String(part));
  const wanted = partsOf(readFileSync(join(schemaFolder("postgres"), "snapshot.sql"), "utf8"));
  expect([...wanted].sort()).toEqual([...there].sort());
  expect(wanted).toEqual(
    expect.arrayContaining([
      "table vectors_07",
      "column plans.title",
      "index events.events_occurred",
      "constraint plans.plans_slug_key",
      "function record_events",
    ]),
  );
});

it.each([
  ["index", "DROP INDEX chunks_words", ["index chunks.chunks_words"]],
  ["constraint", "ALTER TABLE plans DROP CONSTRAINT plans_slug_key", ["constraint plans.plans_slug_key"]],
  ["column", "ALTER TABLE calls DROP COLUMN rows", ["column calls.rows"]],
  [
    "function",
    "DROP FUNCTION record_events(uuid, uuid, timestamptz, text, text, json, json, json, json)",
    ["function record_events"],
  ],
  ["table with all that is in it", "DROP TABLE plan_links", ["table plan_links"]],
])("names a missing %s", async (_, harm, parts) => {
  const before = await storage.upkeep.check();
  await inSchema(harm);
  const found = (await storage.upkeep.check()).map(({ what }) => what);
  const known = before.map(({ what }) => what);
  expect(found.filter((what) => !known.includes(what))).toEqual(
    parts.map((part) => `The schema lacks its ${part}.`),
  );
});
