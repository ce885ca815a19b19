import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { openPglite } from "../helpers/pglite-connections.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { describeStorage } from "./suite/describe-storage.ts";

describeWithServer("a PostgreSQL server", () => {
  describeStorage("PostgreSQL", async () => {
    const { url, drop } = await newDatabase();
    const storage = await PostgresStorage.open({ url, migrate: true });
    const close = async () => {
      await storage.close();
      await drop();
    };
    return { storage, close };
  });
});

describeStorage("PGlite", async () => {
  const storage = await PostgresStorage.over(await openPglite(), { migrate: true });
  return { storage, close: () => storage.close() };
});
