import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createStorageAdapter, type StorageConfig, salvageStore } from "../../../lib/storage/factory.ts";
import { newProject, tempFolder } from "../../helpers/store.ts";

it("opens a SQLite store with the options of its configuration", async () => {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await createStorageAdapter({ type: "sqlite", file, thread: "inline" });
  onTestFinished(() => storage.close());
  expect(storage.capabilities).toEqual({ engine: "sqlite", tenants: false });
  await newProject(storage);
  const reader = await createStorageAdapter({ type: "sqlite", file, thread: "inline", readonly: true });
  onTestFinished(() => reader.close());
  expect(await reader.projects.list()).toHaveLength(1);
  await expect(newProject(reader)).rejects.toMatchObject({ code: "unavailable" });
});

it("says that hybrid is not there yet", async () => {
  const config: StorageConfig = { type: "hybrid", file: "x.db", url: "postgres://localhost/x" };
  await expect(createStorageAdapter(config)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining(config.type),
    valid: ["sqlite", "postgres"],
  });
});

it("reports and copies what a damaged file holds", async () => {
  const folder = tempFolder();
  const file = join(folder, "noise.db");
  writeFileSync(file, Buffer.alloc(9_000, 7));
  expect((await salvageStore(file)).unreadable).toContain("not a store");
  await expect(salvageStore(file, file)).rejects.toMatchObject({ code: "conflict" });
  const copy = join(folder, "copy.db");
  expect((await salvageStore(file, copy)).tables).toEqual([]);
  expect(existsSync(copy)).toBe(false);
});
