import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { preparePlace } from "../../../lib/storage/sqlite/place.ts";
import { tempFolder } from "../../helpers/store.ts";

describe("the place of a store", () => {
  it("is made with all its folders, for nobody else to read", () => {
    const folder = tempFolder();
    const file = join(folder, "a", "b", "knowledge.db");
    preparePlace(file, { create: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const made of ["a", "a/b"]) expect(statSync(join(folder, made)).mode & 0o777).toBe(0o700);
  });

  it("is left alone when it is there", () => {
    const folder = tempFolder();
    const file = join(folder, "knowledge.db");
    writeFileSync(file, "kept", { mode: 0o644 });
    preparePlace(file, { create: true });
    expect(statSync(file).size).toBe(4);
  });

  it("is not made below a file", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a"), "");
    expect(() => preparePlace(join(folder, "a", "b", "knowledge.db"), { create: true })).toThrow(
      /part of the path is a file/,
    );
  });

  it("is not made where a folder stands", () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "knowledge.db"));
    expect(() => preparePlace(join(folder, "knowledge.db"), { create: true })).toThrow(/is a folder/);
  });

  it.skipIf(!existsSync("/proc/self"))("is refused at once where no folder can be made", () => {
    expect(() => preparePlace("/proc/nowhere/below/knowledge.db", { create: true })).toThrow(
      /cannot be created or read: no folder can be made there\./,
    );
  });
});
