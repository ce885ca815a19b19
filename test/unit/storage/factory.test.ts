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

it("opens a hybrid store while PostgreSQL is away, and says that there is nothing to read yet", async () => {
  const config: StorageConfig = {
    ...{ type: "hybrid", thread: "inline", connectTimeoutMs: 500 },
    ...{ file: join(tempFolder(), "copy.db"), url: "postgres://me@127.0.0.1:1/nowhere" },
  };
  const storage = await createStorageAdapter(config);
  onTestFinished(() => storage.close());
  expect(storage.capabilities).toEqual({ engine: "hybrid", tenants: false });
  await expect(storage.projects.list()).rejects.toMatchObject({ code: "unavailable" });
  await expect(newProject(storage)).rejects.toMatchObject({ code: "unavailable" });
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
