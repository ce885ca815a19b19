import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminClient,
  asLogin,
  describeWithServer,
  newDatabase,
  newPglite,
  type TestDatabase,
} from "../helpers/postgres.ts";

async function answer(url: string, statement: string): Promise<unknown> {
  const client = await adminClient(url);
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describeWithServer("the server of this run", () => {
  let one: TestDatabase;
  let other: TestDatabase;

  beforeAll(async () => {
    [one, other] = await Promise.all([newDatabase(), newDatabase()]);
  });
  afterAll(() => Promise.all([one.drop(), other.drop()]));

  it("has pgvector in a version that searches with filters", async () => {
    await answer(one.url, "CREATE EXTENSION vector");
    expect(await answer(one.url, "SELECT '[1,2]'::vector <-> '[1,4]'::vector")).toBe(2);
    const version = await answer(one.url, "SELECT extversion FROM pg_extension WHERE extname = 'vector'");
    expect(Number(String(version).split(".")[1])).toBeGreaterThanOrEqual(8);
  });

  it("keeps two new databases apart", async () => {
    await answer(one.url, "CREATE TABLE quay (name text)");
    expect(await answer(one.url, "SELECT to_regclass('quay')::text")).toBe("quay");
    expect(await answer(other.url, "SELECT to_regclass('quay')::text")).toBeNull();
  });
});

describeWithServer("a login", () => {
  it("is that of the URL", async () => {
    const database = await newDatabase();
    await answer(database.url, "CREATE ROLE harbour_master LOGIN");
    try {
      expect(await answer(database.url, "SELECT current_user")).not.toBe("harbour_master");
      expect(await answer(asLogin(database.url, "harbour_master"), "SELECT current_user")).toBe(
        "harbour_master",
      );
    } finally {
      await answer(database.url, "DROP ROLE harbour_master");
      await database.drop();
    }
  });
});

describe("PGlite", () => {
  it("has the vector extension", async () => {
    const lite = await newPglite();
    const { rows } = await lite.query<{ distance: number }>(
      "SELECT '[1,2]'::vector <-> '[1,4]'::vector AS distance",
    );
    await lite.close();
    expect(rows[0]?.distance).toBe(2);
  });
});
