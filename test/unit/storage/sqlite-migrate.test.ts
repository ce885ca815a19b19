import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sha256 } from "../../../lib/domain/ids.ts";
import { loadMigrations, type Migration } from "../../../lib/storage/migrate.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { type Connection, openConnection } from "../../../lib/storage/sqlite/connection.ts";
import { migrateSchema, readSchema } from "../../../lib/storage/sqlite/schema.ts";
import { context, eventDraft, NOON, newProject, tempFolder, write } from "../../helpers/store.ts";

const known = loadMigrations("sqlite");
const newest = known.length;

function next(sql: string, values: Partial<Migration> = {}): Migration {
  const version = newest + 1;
  const name = `${String(version).padStart(6, "0")}_next`;
  return { version, name, checksum: sha256(sql), sql, breaks: "nothing", ...values };
}

function connect(file: string): Connection {
  const connection = openConnection({ file });
  onTestFinished(() => connection.close());
  return connection;
}

async function emptyStore(): Promise<string> {
  const file = join(tempFolder(), "knowledge.db");
  await (await SqliteStorage.open({ file, thread: "inline" })).close();
  return file;
}

/** Changes a store by SQL, as another program version or a vandal would. */
function tamper(file: string, sql: string): void {
  const { db, close } = openConnection({ file });
  db.exec(sql);
  close();
}

async function openInline(file: string, options: { migrate?: boolean; readonly?: boolean } = {}) {
  const storage = await SqliteStorage.open({ file, thread: "inline", ...options });
  onTestFinished(() => storage.close());
  return storage;
}

describe("migrating", () => {
  it("applies everything to a new file and records it with its checksum", () => {
    const connection = connect(join(tempFolder(), "knowledge.db"));
    const report = migrateSchema(connection, { now: NOON });
    expect(report).toEqual({ from: 0, to: newest, applied: known.map(({ name }) => name) });
    const rows = connection.db.prepare("SELECT * FROM schema_migrations ORDER BY version").all();
    expect(rows).toEqual(
      known.map(({ version, name, checksum }) => ({ version, name, checksum, applied_at: NOON })),
    );
    expect(migrateSchema(connection, { now: NOON })).toEqual({ from: newest, to: newest, applied: [] });
  });

  it("goes only as far as asked, and only says so in a dry run", () => {
    const connection = connect(join(tempFolder(), "knowledge.db"));
    const first = { from: 0, to: 1, applied: ["000001_rows"] };
    expect(migrateSchema(connection, { now: NOON, to: 1, dryRun: true })).toEqual(first);
    expect(readSchema(connection.db).version).toBe(0);
    expect(migrateSchema(connection, { now: NOON, to: 1 })).toEqual(first);
    expect(readSchema(connection.db).version).toBe(1);
    expect(migrateSchema(connection, { now: NOON })).toMatchObject({ from: 1, to: newest });
  });

  it("applies nothing of a set in which one fails", () => {
    const connection = connect(join(tempFolder(), "knowledge.db"));
    const migrations = [...known, next("CREATE TABLE extra (x); SELECT nonsense FROM nowhere;")];
    expect(() => migrateSchema(connection, { now: NOON, migrations })).toThrow(
      expect.objectContaining({ code: "internal" }),
    );
    expect(connection.db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()).toEqual({ n: 0 });
  });

  it("gives the default tenant its fixed id and every store an id of its own", async () => {
    const ids = await Promise.all(
      [emptyStore(), emptyStore()].map(async (made) => {
        const { db } = connect(await made);
        const tenant = db.prepare("SELECT id, name FROM tenants").all();
        expect(tenant).toEqual([{ id: "00000000-0000-4000-8000-000000000001", name: "default" }]);
        return String(db.prepare("SELECT value FROM store_info WHERE name = 'store_id'").get()?.value);
      }),
    );
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe("opening a store of another version", () => {
  it("refuses one that a newer version changed beyond reading", async () => {
    const file = await emptyStore();
    const { db, close, ...rest } = openConnection({ file });
    migrateSchema({ db, close, ...rest }, { now: NOON, migrations: [...known, next("", { breaks: "all" })] });
    close();
    for (const thread of ["inline", "worker"] as const) {
      await expect(SqliteStorage.open({ file, thread })).rejects.toMatchObject({
        code: "schema_mismatch",
        message: expect.stringContaining(`version ${newest + 1}`),
        hint: expect.stringContaining("Update AIKnowSys"),
      });
    }
  });

  it("only reads one that a newer version changed beyond writing", async () => {
    const file = await emptyStore();
    const before = await openInline(file);
    const project = await newProject(before);
    const connection = connect(file);
    migrateSchema(connection, { now: NOON, migrations: [...known, next("", { breaks: "writers" })] });
    const storage = await openInline(file);
    expect(await storage.projects.counts(project)).toMatchObject({ events: 0 });
    const attempt = storage.transaction(context(project), [write(eventDraft(project))]);
    await expect(attempt).rejects.toMatchObject({
      code: "schema_mismatch",
      hint: expect.stringContaining("update"),
    });
    expect(await storage.changes.seal(project, NOON)).toBe(0);
    const what = "A newer version of AIKnowSys has changed this store's schema.";
    expect(await storage.upkeep.check()).toContainEqual(expect.objectContaining({ severity: "error", what }));
    expect((await storage.upkeep.figures()).advice).toEqual([expect.stringContaining(what)]);
  });

  it("goes on working beside a newer version that only added something", async () => {
    const file = await emptyStore();
    const migrations = [...known, next("ALTER TABLE projects ADD COLUMN colour TEXT;")];
    migrateSchema(connect(file), { now: NOON, migrations });
    const storage = await openInline(file);
    const project = await newProject(storage);
    await storage.transaction(context(project), [write(eventDraft(project))]);
    expect(await storage.projects.counts(project)).toMatchObject({ events: 1 });
  });

  it("refuses one whose applied migration is not ours", async () => {
    const file = await emptyStore();
    tamper(file, "UPDATE schema_migrations SET checksum = 'edited' WHERE version = 1");
    await expect(SqliteStorage.open({ file, thread: "inline" })).rejects.toMatchObject({
      code: "schema_mismatch",
      message: expect.stringContaining("000001_rows"),
    });
  });

  it("refuses the database of another program and leaves it as it is", async () => {
    const file = join(tempFolder(), "other.db");
    tamper(file, "CREATE TABLE albums (title TEXT); INSERT INTO albums VALUES ('x')");
    await expect(SqliteStorage.open({ file, thread: "inline" })).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("another program"),
    });
    const tables = connect(file).db.prepare("SELECT name FROM sqlite_schema").all();
    expect(tables).toEqual([{ name: "albums" }]);
  });

  it("opens an older one as it is when asked to, and then only migrates", async () => {
    const file = join(tempFolder(), "knowledge.db");
    migrateSchema(connect(file), { now: NOON, to: 1 });
    const storage = await openInline(file, { migrate: false });
    await expect(storage.projects.list()).rejects.toMatchObject({
      code: "schema_mismatch",
      hint: expect.stringContaining("aiknowsys migrate"),
    });
    const all = known.slice(1).map(({ name }) => name);
    expect(await storage.upkeep.migrate({ dryRun: true })).toEqual({ from: 1, to: newest, applied: all });
    expect(await storage.upkeep.migrate({})).toEqual({ from: 1, to: newest, applied: all });
    expect(await storage.projects.list()).toEqual([]);
  });

  it("says that an empty or older store must be opened for writing first", async () => {
    const file = join(tempFolder(), "knowledge.db");
    migrateSchema(connect(file), { now: NOON, to: 1 });
    const storage = await openInline(file, { readonly: true });
    await expect(storage.projects.list()).rejects.toMatchObject({
      code: "schema_mismatch",
      hint: expect.stringContaining("where it can be written"),
    });
  });
});
