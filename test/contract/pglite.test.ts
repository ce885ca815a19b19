import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { openPglite } from "../helpers/pglite-connections.ts";
import { describeStorage } from "./suite/describe-storage.ts";

describeStorage("PGlite", async () => {
  const storage = await PostgresStorage.over(await openPglite(), { migrate: true });
  return { storage, close: () => storage.close() };
});
