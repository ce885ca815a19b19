import { expect, it, onTestFinished, vi } from "vitest";
import { loadMigrations } from "../../../lib/storage/migrate.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { newProject } from "../../helpers/store.ts";

const newest = loadMigrations("postgres").length;
const MISMATCH = { code: "schema_mismatch" };

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await newDatabase();
  onTestFinished(drop);
  return url;
}

async function openStore(url: string, tenant?: string): Promise<PostgresStorage> {
  const storage = await PostgresStorage.open({ url, tenant });
  onTestFinished(() => storage.close());
  return storage;
}

async function migrate(url: string): Promise<void> {
  await (await PostgresStorage.open({ url, migrate: true })).close();
}

/** As a newer program does it. */
async function migrateFurther(url: string, { reader, writer }: { reader: number; writer: number }) {
  const client = await adminClient(url);
  await client.query(`INSERT INTO aiknowsys.schema_migrations VALUES (${newest + 1}, 'next', 'sum', now());
    UPDATE aiknowsys.store_info SET value = '${reader}' WHERE name = 'oldest_reader';
    UPDATE aiknowsys.store_info SET value = '${writer}' WHERE name = 'oldest_writer'`);
  await client.end();
}

/** Lets the clock of intervals run ahead. */
function letPass(ms: number): void {
  const real = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => real() + ms);
  onTestFinished(() => void vi.restoreAllMocks());
}

describeWithServer("an open store whose schema another process changes", () => {
  it("serves as soon as somebody has migrated", async () => {
    const url = await emptyDatabase();
    const storage = await openStore(url);
    await expect(storage.projects.list()).rejects.toMatchObject(MISMATCH);
    await migrate(url);
    letPass(1_000);
    expect(await storage.projects.list()).toEqual([]);
    const project = await newProject(storage);
    expect(await storage.projects.findById(project)).toBeDefined();
  });

  it("serves the tenant that it was opened for, once that one is there too", async () => {
    const url = await emptyDatabase();
    const storage = await openStore(url, "harbour");
    await migrate(url);
    letPass(1_000);
    await expect(storage.projects.list()).rejects.toMatchObject({ code: "not_found", field: "tenant" });
    const owner = await openStore(url);
    const id = "018f0000-0000-7000-8000-00000000aaaa";
    await owner.tenancy.createTenant({ id, name: "harbour", createdAt: "2026-01-01T00:00:00.000Z" });
    const project = await newProject(storage);
    expect(await storage.projects.findById(project)).toBeDefined();
    expect(await owner.projects.findById(project)).toBeUndefined();
  });

  it("is neither ready nor written any more once a look has seen that a newer program writes it", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const storage = await openStore(url);
    await newProject(storage);
    await migrateFurther(url, { reader: newest, writer: newest + 1 });
    // Whoever looks first, the status and the probe tell the same.
    expect((await storage.upkeep.figures()).schemaVersion).toBe(newest + 1);
    expect(await storage.schemaNow()).toEqual({ version: newest + 1, isCurrent: false });
    await expect(newProject(storage)).rejects.toMatchObject(MISMATCH);
    expect(await storage.projects.list()).toHaveLength(1);
  });

  it("says so where the database has come back empty, whatever was asked first", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const storage = await openStore(url);
    const client = await adminClient(url);
    await client.query(
      "DROP SCHEMA aiknowsys CASCADE; CREATE SCHEMA aiknowsys; GRANT USAGE ON SCHEMA aiknowsys TO PUBLIC",
    );
    await client.end();
    await expect(storage.tokens.authenticate("0".repeat(64))).rejects.toMatchObject(MISMATCH);
  });

  it("looks no more than once a second, however many ask", async () => {
    const url = await emptyDatabase();
    vi.spyOn(performance, "now").mockReturnValue(performance.now());
    onTestFinished(() => void vi.restoreAllMocks());
    const storage = await openStore(url);
    await migrate(url);
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => storage.projects.list()));
    for (const { status } of tries) expect(status).toBe("rejected");
  });

  it("is checked for isolation before it serves", async () => {
    const url = await emptyDatabase();
    const storage = await openStore(url);
    await migrate(url);
    const client = await adminClient(url);
    await client.query("ALTER TABLE aiknowsys.plans DISABLE ROW LEVEL SECURITY");
    await client.end();
    letPass(1_000);
    await expect(storage.projects.list()).rejects.toMatchObject({ code: "unavailable" });
    await expect(newProject(storage)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is no longer written when a newer program says so, and status and doctor tell it", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const storage = await openStore(url);
    const project = await newProject(storage);
    expect((await storage.upkeep.figures()).advice ?? []).toEqual([]);
    await migrateFurther(url, { reader: 1, writer: newest + 1 });
    letPass(30_000);
    await expect(newProject(storage)).rejects.toMatchObject(MISMATCH);
    expect(await storage.projects.findById(project)).toBeDefined();
    const what = "A newer version of AIKnowSys has changed this store's schema.";
    const advice = "Reading works; update AIKnowSys to write.";
    expect((await storage.upkeep.figures()).advice).toEqual([`${what} ${advice}`]);
    expect(await storage.upkeep.check()).toContainEqual({ severity: "error", what, advice });
  });

  it("is not even read any more when a newer program says so", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const storage = await openStore(url);
    await migrateFurther(url, { reader: newest + 1, writer: newest + 1 });
    letPass(30_000);
    await expect(newProject(storage)).rejects.toMatchObject(MISMATCH);
    await expect(storage.projects.list()).rejects.toMatchObject(MISMATCH);
  });
});
