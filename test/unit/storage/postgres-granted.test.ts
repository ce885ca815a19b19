import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { openPglite } from "../../helpers/pglite-connections.ts";
import { NOON } from "../../helpers/store.ts";

let storage: PostgresStorage;

beforeAll(async () => {
  storage = await PostgresStorage.over(await openPglite(), { migrate: true });
}, 120_000);

afterAll(() => storage.close());

it("leaves a caller's store without the owner's chores, and with all else of its upkeep", async () => {
  const { upkeep } = storage.granted({ tenant: DEFAULT_TENANT, projects: [] });
  const refusal = {
    code: "forbidden",
    message: "Changing the schema and repairing the store are the owner's matter.",
  };
  await expect(upkeep.migrate({})).rejects.toMatchObject(refusal);
  await expect(upkeep.migrate({ dryRun: true })).rejects.toMatchObject(refusal);
  await expect(upkeep.repair()).rejects.toMatchObject(refusal);
  expect(await upkeep.check()).toEqual([]);
  expect(await upkeep.janitor(NOON)).toBe(true);
  expect(await upkeep.figures()).toMatchObject({ engine: "postgres", projects: 0 });
  // The owner's own has them.
  expect(await storage.upkeep.repair()).toEqual([]);
  expect(await storage.upkeep.migrate({})).toMatchObject({ applied: [] });
});
