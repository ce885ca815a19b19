import { join } from "node:path";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { makeTempFolder } from "../helpers/store.ts";
import { describeStorage } from "./suite/describe-storage.ts";

async function open(thread: "inline" | "worker") {
  const { folder, remove } = makeTempFolder();
  const storage = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread });
  const close = async () => {
    await storage.close();
    remove();
  };
  return { storage, close };
}

describeStorage("SQLite in this thread", () => open("inline"));
describeStorage("SQLite in a thread of its own", () => open("worker"));
