import { join } from "node:path";
import { expect } from "vitest";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { compareStores, openHybrid } from "../helpers/hybrid.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makeTempFolder } from "../helpers/store.ts";
import { describeStorage } from "./suite/describe-storage.ts";

describeWithServer("a PostgreSQL server and a copy", () => {
  describeStorage("hybrid", async () => {
    const [{ url, drop }, { folder, remove }] = [await newDatabase(), makeTempFolder()];
    const storage = await openHybrid(url, folder);
    await storage.follow();
    const close = async () => {
      await storage.follow();
      const copy = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
      const { differences } = await compareStores(storage, copy);
      await Promise.all([storage.close(), copy.close()]);
      await drop();
      remove();
      // Whatever the suite has done: the copy holds the same.
      expect(differences).toEqual([]);
    };
    return { storage, close };
  });
});
