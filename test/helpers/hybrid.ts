import { join } from "node:path";
import { type VerifyReport, verifyStores } from "../../lib/knowledge/verify-stores.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { type HybridOptions, HybridStorage } from "../../lib/storage/hybrid/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { isAway } from "../../lib/storage/postgres/errors.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { readAll } from "./transfer.ts";

/** Whose follower it is; two in one process are two. */
let opened = 0;

/** A hybrid store over a database and a SQLite file; its copy follows only when told, unless asked otherwise. */
export async function openHybrid(
  url: string,
  folder: string,
  options: Partial<HybridOptions> = {},
): Promise<HybridStorage> {
  opened += 1;
  const copy = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  return HybridStorage.open({
    openPrimary: () => PostgresStorage.open({ url, migrate: true, connectTimeoutMs: 1_000 }),
    ...{ isAway, copy, location: "postgres://here", holder: `test ${opened}`, followEveryMs: 0, restMs: 50 },
    ...options,
  });
}

/** Everything of both stores, compared. */
export async function compareStores(here: StorageAdapter, there: StorageAdapter): Promise<VerifyReport> {
  const batches = async function* (storage: StorageAdapter) {
    yield await readAll(storage);
  };
  return verifyStores(batches(here), batches(there));
}
