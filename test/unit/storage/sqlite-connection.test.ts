import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import {
  type Connection,
  type ConnectionOptions,
  openConnection,
} from "../../../lib/storage/sqlite/connection.ts";
import { tempFolder } from "../../helpers/store.ts";

function opened(options: ConnectionOptions): Connection {
  const connection = openConnection(options);
  onTestFinished(() => connection.close());
  return connection;
}

/** A store file with a table that fills many pages, closed. */
function filledFile(): string {
  const file = join(tempFolder(), "knowledge.db");
  const connection = openConnection({ file });
  connection.db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  const insert = connection.db.prepare("INSERT INTO t (text) VALUES (?)");
  connection.immediate(() => {
    for (let i = 0; i < 500; i++) insert.run(`${i} `.repeat(200));
  });
  connection.close();
  return file;
}

function errorOf(work: () => unknown): KnowledgeError {
  try {
    work();
  } catch (error) {
    if (error instanceof KnowledgeError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe("the place of a store", () => {
  it("creates the folder for its owner only, and the file too", () => {
    const folder = join(tempFolder(), "new", "deeper");
    const file = join(folder, "knowledge.db");
    const { db } = opened({ file });
    db.exec("CREATE TABLE t (x)");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it("takes a file of 0 bytes as a new store", () => {
    const file = join(tempFolder(), "knowledge.db");
    writeFileSync(file, "");
    expect(opened({ file }).db.pragma("journal_mode")).toBe("wal");
  });

  it("sets WAL, foreign keys, large pages, no memory map and no trust in the schema", () => {
    const { db } = opened({ file: join(tempFolder(), "knowledge.db") });
    const settings = [
      "journal_mode",
      "page_size",
      "foreign_keys",
      "mmap_size",
      "trusted_schema",
      "synchronous",
    ];
    expect(settings.map((name) => db.pragma(name))).toEqual(["wal", 8192, 1, 0, 0, 1]);
    const full = opened({ file: join(tempFolder(), "knowledge.db"), synchronous: "full" });
    expect(full.db.pragma("synchronous")).toBe(2);
  });

  it("says so when a folder is in the file's place", () => {
    const error = errorOf(() => openConnection({ file: tempFolder() }));
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("is a folder") });
    expect(error.hint).toContain("--db");
  });

  it("says so when part of the path is a file", () => {
    const file = join(tempFolder(), "a-file");
    writeFileSync(file, "text");
    for (const readonly of [true, false]) {
      const error = errorOf(() => openConnection({ file: join(file, "knowledge.db"), readonly }));
      expect(error).toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("a file, not a folder"),
      });
    }
  });

  it("creates nothing when only reading was asked for", () => {
    const file = join(tempFolder(), "knowledge.db");
    const error = errorOf(() => openConnection({ file, readonly: true }));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("There is no store"),
    });
    expect(() => statSync(file)).toThrow();
  });

  it("says so when the file is no database", () => {
    const file = join(tempFolder(), "notes.md");
    const text = "# Notes\n".repeat(100);
    writeFileSync(file, text);
    const error = errorOf(() => openConnection({ file }));
    expect(error).toMatchObject({ code: "corrupt", message: expect.stringContaining("is not a store") });
    expect(error.hint).toContain("aiknowsys doctor");
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("says so when the file is cut off", () => {
    const file = filledFile();
    truncateSync(file, 8192 * 3);
    const error = errorOf(() => {
      const { db, immediate } = opened({ file });
      immediate(() => db.prepare("SELECT sum(length(text)) FROM t").get());
    });
    expect(error).toMatchObject({ code: "corrupt", message: expect.stringContaining("is damaged") });
    expect(error.hint).toContain("aiknowsys doctor");
  });
});

describe("reading only", () => {
  it("reads, and refuses to write with a sentence", () => {
    const file = filledFile();
    const { db, immediate, readonly } = opened({ file, readonly: true });
    expect(readonly).toBe(true);
    expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 500 });
    const error = errorOf(() => immediate(() => db.exec("DELETE FROM t")));
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("reading only") });
  });

  it("reads a store in use by others", () => {
    const file = filledFile();
    const writer = opened({ file });
    writer.db.exec("DELETE FROM t WHERE id > 10");
    const { db } = opened({ file, readonly: true });
    expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 10 });
  });
});

describe("the write transaction", () => {
  it("commits, returns the result, and joins a transaction that is open", () => {
    const { db, immediate } = opened({ file: filledFile() });
    const result = immediate(() => {
      db.exec("DELETE FROM t WHERE id = 1");
      return immediate(() => db.inTransaction);
    });
    expect(result).toBe(true);
    expect(db.inTransaction).toBe(false);
    expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 499 });
  });

  it("rolls back what failed and says so to the caller", () => {
    const { db, immediate } = opened({ file: filledFile() });
    let rolledBack = 0;
    const failing = () =>
      immediate(
        () => {
          db.exec("DELETE FROM t");
          throw new KnowledgeError("conflict", "No.");
        },
        () => {
          rolledBack += 1;
        },
      );
    expect(errorOf(failing).code).toBe("conflict");
    expect(rolledBack).toBe(1);
    expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 500 });
  });

  it("gives up with a sentence when the store stays locked", () => {
    const file = filledFile();
    const holder = opened({ file });
    const waiter = opened({ file, lockWaitMs: 60 });
    holder.db.exec("BEGIN IMMEDIATE");
    const error = errorOf(() => waiter.immediate(() => waiter.db.exec("DELETE FROM t")));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("locked by another"),
    });
    expect(error.hint).toContain("try again");
    holder.db.exec("ROLLBACK");
    waiter.immediate(() => waiter.db.exec("DELETE FROM t"));
  });

  it("does the whole work again when a lock comes in its way", () => {
    const file = filledFile();
    const { db, immediate } = opened({ file });
    let attempts = 0;
    const undone: number[] = [];
    const result = immediate(
      () => {
        db.exec("DELETE FROM t WHERE id = 7");
        attempts += 1;
        if (attempts < 3) throw Object.assign(new Error("busy"), { code: "SQLITE_BUSY_SNAPSHOT" });
        return attempts;
      },
      () => undone.push(attempts),
    );
    expect(result).toBe(3);
    expect(undone).toEqual([1, 2]);
  });

  it("keeps nothing of a write that fills the disk, and goes on", () => {
    const { db, immediate } = opened({ file: filledFile() });
    db.exec(`PRAGMA max_page_count = ${Number(db.pragma("page_count")) + 2}`);
    const insert = db.prepare("INSERT INTO t (text) VALUES (?)");
    const error = errorOf(() =>
      immediate(() => {
        for (let i = 0; i < 100; i++) insert.run("x".repeat(8_000));
      }),
    );
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("full") });
    expect(db.inTransaction).toBe(false);
    expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 500 });
    immediate(() => insert.run("small"));
  });
});
