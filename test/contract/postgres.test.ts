import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
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
