import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Embedder } from "../../lib/embedding/embedder.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { callersOf, callOver, startService, WRITER } from "../helpers/http-service.ts";
import { describeWithServer, type TestDatabase } from "../helpers/postgres.ts";
import { ownerOf, plantedDatabase, TENANTS } from "../helpers/postgres-tenants.ts";
import { openWordVectors } from "../helpers/word-vectors.ts";

/** Ten documents of two hundred passages. */
const IMPORTED = Array.from({ length: 10 }, (_, document) =>
  Array.from({ length: 200 }, (_, n) => `## Crane ${document}-${n}\n\nIt lifts ${n} tons.\n`).join("\n"),
);

/** A model that needs its time for each passage. */
function slowModel(): Embedder {
  const words = openWordVectors();
  const embed: Embedder["embed"] = async (texts, options) => {
    await sleep(texts.length * 10);
    return words.embed(texts, options);
  };
  return { ...words, embed };
}

describeWithServer("vectors that two tenants of one instance are owed", () => {
  let database: TestDatabase | undefined;
  let storage: PostgresStorage | undefined;
  beforeAll(async () => {
    ({ database } = await plantedDatabase([ownerOf("harbour", "pierrot"), ownerOf("quarry", "stonecutter")]));
    storage = await PostgresStorage.open({ url: database.url });
  });
  afterAll(async () => {
    await storage?.close();
    await database?.drop();
  });

  it("come to the one with a single plan while the one with an import is still owed most", async () => {
    if (storage === undefined) throw new Error("There is no store.");
    const embedder = slowModel();
    const authenticator = callersOf({
      large: { ...WRITER, tokenId: "tok_large", tenant: TENANTS.harbour },
      small: { ...WRITER, tokenId: "tok_small", tenant: TENANTS.quarry },
    });
    const service = await startService({ storage, embedder, authenticator });
    const owed = async (tenant: string) => {
      const own = storage?.granted({ tenant, projects: "all" });
      const { chunks = 0, embedded = 0 } = (await own?.chunks.coverage([], embedder.space)) ?? {};
      return chunks - embedded;
    };
    for (const content of IMPORTED) {
      const made = await callOver(service, "large", "create_plan", { title: "Cranes", content });
      expect(await made.text()).toMatch(/\\?"revision\\?":1/);
    }
    const before = await owed(TENANTS.harbour);
    await expect.poll(() => owed(TENANTS.harbour), { timeout: 20_000 }).toBeLessThan(before);
    await callOver(service, "small", "create_plan", { title: "Dig", content: "# Dig\n\nBy hand.\n" });
    expect(await owed(TENANTS.quarry)).toBeGreaterThan(0);
    await expect.poll(() => owed(TENANTS.quarry), { timeout: 20_000 }).toBe(0);
    expect(await owed(TENANTS.harbour)).toBeGreaterThan(before / 2);
  }, 60_000);
});
