import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/domain/ids.ts";
import { loadMigrations, type Migration } from "../../../lib/storage/migrate.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import {
  backupBeforeChange,
  backupSqlite,
  checkCopy,
  countRows,
} from "../../../lib/storage/sqlite/backup.ts";
import { type Connection, openConnection } from "../../../lib/storage/sqlite/connection.ts";
import { migrateSchema, readSchema } from "../../../lib/storage/sqlite/schema.ts";
import { context, eventDraft, NOON, newProject, tempFolder, write } from "../../helpers/store.ts";

/** The place of a store that has one event, or nothing yet. */
async function newStore({ isEmpty = false } = {}): Promise<{ file: string; folder: string }> {
  const folder = tempFolder();
  const file = join(folder, "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  if (!isEmpty) {
    const project = await newProject(storage);
    await storage.transaction(context(project), [write(eventDraft(project, { summary: "low tide" }))]);
  }
  await storage.close();
  return { file, folder };
}

function withConnection<Result>(file: string, work: (connection: Connection) => Result): Result {
  const connection = openConnection({ file });
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

const countsOf = (file: string) => withConnection(file, ({ db }) => countRows(db));

describe("the check of a copy", () => {
  it("finds a damaged page", async () => {
    const { file, folder } = await newStore();
    const copy = join(folder, "copy.db");
    copyFileSync(file, copy);
    const before = countsOf(file);
    expect(checkCopy(copy, before)).toEqual(before.rows);
    const bytes = readFileSync(copy);
    bytes.fill(0xee, 2 * 8_192, 3 * 8_192);
    writeFileSync(copy, bytes);
    expect(() => checkCopy(copy, before)).toThrow(/copy of the store is not whole/);
    writeFileSync(copy, bytes.subarray(0, 8_192));
    expect(() => checkCopy(copy, before)).toThrow(/copy of the store is not whole/);
  });

  it("finds an index that disagrees with its table", async () => {
    const { file, folder } = await newStore();
    const copy = join(folder, "copy.db");
    copyFileSync(file, copy);
    const refs = withConnection(file, ({ db }) => db.prepare("SELECT ref FROM events").raw().flat());
    const bytes = readFileSync(copy);
    // Once in the table, once in the index of refs.
    bytes.write("evt_zzzzzzzz", bytes.lastIndexOf(String(refs[0])));
    writeFileSync(copy, bytes);
    expect(() => checkCopy(copy, countsOf(file))).toThrow(/index/);
  });

  it("finds missing rows, where somebody wrote meanwhile in what only grows", async () => {
    const { file, folder } = await newStore();
    const copy = join(folder, "copy.db");
    copyFileSync(file, copy);
    const before = countsOf(file);
    const without = (table: string) =>
      withConnection(copy, ({ db }) => db.exec(`PRAGMA foreign_keys = OFF; DELETE FROM ${table}`));
    without("events");
    expect(() => checkCopy(copy, before)).toThrow("events has 0 rows where the store had 1");
    expect(checkCopy(copy, before, "another")).toMatchObject({ events: 0, changes: 1 });
    without("changes");
    expect(() => checkCopy(copy, before, "another")).toThrow("changes has 0 rows where the store had 1");
  });
});

const known = loadMigrations("sqlite");

/** A migration that a later version of the program brings along. */
const later: Migration = (() => {
  const sql = "ALTER TABLE projects ADD COLUMN colour TEXT;";
  return { version: known.length + 1, name: "000099_colour", checksum: sha256(sql), sql, breaks: "nothing" };
})();

function migrateLater(file: string, folder: string) {
  return withConnection(file, (connection) =>
    migrateSchema(connection, {
      now: NOON,
      migrations: [...known, later],
      beforeChange: () => backupBeforeChange(connection.db, { file, folder, at: NOON }),
    }),
  );
}

describe("a later schema", () => {
  it("is preceded by a backup of the store as it was", async () => {
    const { file, folder } = await newStore();
    const backups = join(folder, "backups");
    const before = countsOf(file).rows;
    expect(migrateLater(file, backups)).toMatchObject({ applied: [later.name] });
    const names = readdirSync(backups).sort();
    expect(names).toEqual([
      expect.stringMatching(/^aiknowsys-20260301T120000000Z-sqlite-[0-9a-f]{8}\.db$/),
      `${names[0]}.sha256`,
    ]);
    const copy = join(backups, String(names[0]));
    expect(countsOf(copy).rows).toEqual(before);
    expect(withConnection(copy, ({ db }) => readSchema(db).version)).toBe(known.length);
    expect(migrateLater(file, backups)).toMatchObject({ applied: [] });
    expect(readdirSync(backups)).toHaveLength(2);
  });

  it("does not come when the backup fails", async () => {
    const { file, folder } = await newStore();
    const inTheWay = join(folder, "a-file");
    writeFileSync(inTheWay, "x");
    expect(() => migrateLater(file, join(inTheWay, "backups"))).toThrow(
      /^The schema was not changed, because the store could not be backed up first: /,
    );
    expect(withConnection(file, ({ db }) => readSchema(db).version)).toBe(known.length);
    const { columns } = withConnection(file, ({ db }) => ({
      columns: db.prepare("SELECT name FROM pragma_table_info('projects')").raw().flat(),
    }));
    expect(columns).not.toContain("colour");
  });

  it("comes without a backup to a store that holds nothing", async () => {
    const { file, folder } = await newStore({ isEmpty: true });
    expect(migrateLater(file, join(folder, "backups"))).toMatchObject({ applied: [later.name] });
    expect(readdirSync(folder)).not.toContain("backups");
  });
});

describe("opening a store of an older schema", () => {
  /** A store that has only the first migration, and a project. */
  function olderStore() {
    const folder = tempFolder();
    const file = join(folder, "knowledge.db");
    withConnection(file, (connection) => {
      migrateSchema(connection, { now: NOON, to: 1 });
      connection.db.exec(
        `INSERT INTO projects (tenant_id, id, ref, name, name_folded, created_at)
         SELECT id, '018e0000-0000-7000-8000-000000000001', 'prj_aaaaaaaa', 'Pier', 'pier', '${NOON}' FROM tenants`,
      );
    });
    return { file, backups: join(folder, "backups") };
  }

  it("backs it up where a folder is given for that, and only then", async () => {
    for (const isGiven of [true, false]) {
      const { file, backups } = olderStore();
      const storage = await SqliteStorage.open({
        ...{ file, thread: "inline" },
        ...(isGiven && { backups }),
      });
      await storage.close();
      expect(readdirSync(join(file, "..")).includes("backups")).toBe(isGiven);
    }
  });

  it("backs it up when it is told to migrate, but not in a dry run", async () => {
    const { file, backups } = olderStore();
    const storage = await SqliteStorage.open({ file, thread: "inline", migrate: false, backups });
    await storage.upkeep.migrate({ dryRun: true });
    expect(readdirSync(join(file, ".."))).not.toContain("backups");
    await storage.upkeep.migrate({});
    await storage.close();
    expect(readdirSync(backups)).toHaveLength(2);
  });
});

describe("a backup", () => {
  it("leaves nothing behind when the store turns out to be damaged", async () => {
    const { file, folder } = await newStore();
    const bytes = readFileSync(file);
    // A page of a table that has indexes: counting reads those.
    const page = Math.floor(bytes.indexOf("low tide") / 8_192);
    bytes.fill(0xee, page * 8_192, (page + 1) * 8_192);
    writeFileSync(file, bytes);
    const backups = join(folder, "backups");
    expect(() => backupSqlite({ file, folder: backups, at: NOON })).toThrow(/damaged/);
    expect(readdirSync(backups)).toEqual([]);
  });

  it("gives way to no other of the same moment", async () => {
    const { file, folder } = await newStore();
    const request = { file, folder: join(folder, "backups"), at: NOON };
    const { path } = backupSqlite(request);
    const bytes = readFileSync(path);
    expect(() => backupSqlite(request)).toThrow(/There is a backup/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(request.folder)).toHaveLength(2);
  });
});
