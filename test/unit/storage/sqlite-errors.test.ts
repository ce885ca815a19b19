import { expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { isAtLeast } from "../../../lib/storage/sqlite/driver-choice.ts";
import { isBusy, isUnwritable, primaryCode, translated } from "../../../lib/storage/sqlite/errors.ts";

/** An error as better-sqlite3 throws it. */
function named(code: string): Error {
  return Object.assign(new Error("words of the library"), { code });
}

/** An error as node:sqlite throws it. */
function numbered(errcode: number): Error {
  return Object.assign(new Error("words of the library"), { code: "ERR_SQLITE_ERROR", errcode });
}

it.each([
  ["SQLITE_BUSY_SNAPSHOT", 5 | (2 << 8), "unavailable", "locked"],
  ["SQLITE_LOCKED", 6, "unavailable", "locked"],
  ["SQLITE_NOMEM", 7, "unavailable", "memory"],
  ["SQLITE_READONLY_DBMOVED", 8 | (4 << 8), "unavailable", "read-only"],
  ["SQLITE_IOERR_SHMOPEN", 10 | (18 << 8), "unavailable", "disk"],
  ["SQLITE_CORRUPT_VTAB", 11 | (1 << 8), "corrupt", "damaged"],
  ["SQLITE_FULL", 13, "unavailable", "full"],
  ["SQLITE_CANTOPEN_ISDIR", 14 | (2 << 8), "unavailable", "cannot be opened"],
  ["SQLITE_PROTOCOL", 15, "unavailable", "locked"],
  ["SQLITE_TOOBIG", 18, "invalid_input", "larger"],
  ["SQLITE_CONSTRAINT_CHECK", 19 | (1 << 8), "internal", "Internal error"],
  ["SQLITE_AUTH", 23, "unavailable", "read-only"],
  ["SQLITE_NOTADB", 26, "corrupt", "is not a store"],
  ["SQLITE_ERROR", 1, "internal", "Internal error"],
])("reads %s alike from both drivers", (name, number, code, word) => {
  expect(primaryCode(named(name))).toBe(primaryCode(numbered(number)));
  for (const error of [named(name), numbered(number)]) {
    const found = translated(error, "/store.db");
    expect(found).toMatchObject({ code, message: expect.stringContaining(word), cause: error });
    expect(found.hint).toMatch(/\.$/);
  }
});

it("gives every primary result code its sentence", () => {
  for (let number = 1; number <= 26; number++) {
    const code = primaryCode(numbered(number));
    expect(code, String(number)).toBeDefined();
    expect(primaryCode(named(`SQLITE_${code}`))).toBe(code);
  }
});

it("keeps our own errors as they are and calls all others internal", () => {
  const ours = new KnowledgeError("conflict", "Changed.");
  expect(translated(ours, "/store.db")).toBe(ours);
  for (const strange of [new TypeError("x"), "text", named("ENOENT"), named("SQLITE_NEWER")]) {
    expect(translated(strange, "/store.db")).toMatchObject({ code: "internal", cause: strange });
  }
});

it("knows which errors a lock explains and which the place explains", () => {
  expect(isBusy(named("SQLITE_BUSY"))).toBe(true);
  expect(isBusy(named("SQLITE_READONLY"))).toBe(false);
  expect(isUnwritable(named("SQLITE_READONLY_DIRECTORY"))).toBe(true);
  expect(isUnwritable(named("SQLITE_CANTOPEN"))).toBe(true);
  expect(isUnwritable(named("SQLITE_CORRUPT"))).toBe(false);
  expect(isUnwritable("text")).toBe(false);
});

it("compares versions by numbers, not by letters", () => {
  expect(isAtLeast("3.51.3", "3.51.3")).toBe(true);
  expect(isAtLeast("3.100.0", "3.51.3")).toBe(true);
  expect(isAtLeast("4", "3.51.3")).toBe(true);
  expect(isAtLeast("3.51.2", "3.51.3")).toBe(false);
  expect(isAtLeast("3.9.9", "3.51.3")).toBe(false);
});
