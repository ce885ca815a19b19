import { expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { chunkDraft, context, eventDraft, newProject, write } from "../helpers/store.ts";
import { refusal, requireWorks } from "./postgres-serving.ts";

const SPACE = { model: "words", revision: "1", dimensions: 3, pooling: "mean", normalised: true };

/** Calls of the store's functions, with the types of their arguments. */
const CALLS = [
  "format(text, uuid, bigint)",
  "format(text, uuid)",
  "format(text, text, text)",
  "format(text, text, uuid)",
  "format(text, bigint, text)",
  "cardinality(uuid[])",
  "cardinality(text[])",
  "json_populate_recordset(aiknowsys.events, json)",
];
const RESULTS: Readonly<Record<string, string>> = {
  cardinality: "integer",
  json_populate_recordset: "SETOF aiknowsys.events",
};

describeWithServer("schemas that others may create in", () => {
  it("are refused before a migration calls anything from them", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const run = await superuser(url);
    await run("GRANT CREATE ON SCHEMA public TO PUBLIC");
    expect(await refusal(PostgresStorage.open({ url, migrate: true }))).toEqual([
      "unavailable",
      "Every login may create functions in the schema public, where this store's are looked up: tenants would not be kept apart.",
      "Let the schema's owner run REVOKE CREATE ON SCHEMA public FROM PUBLIC; if it must stay, install pgvector in a schema of its own.",
    ]);
    await run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    await requireWorks(await opened(url, true));
  });

  it("lend the store's functions nothing, however well it would fit their calls", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const storage = await opened(url, true);
    const run = await superuser(url);
    for (const call of CALLS)
      await run(
        `CREATE FUNCTION public.${call} RETURNS ${RESULTS[String(call.split("(")[0])] ?? "text"} LANGUAGE plpgsql
         AS $$ BEGIN RAISE 'trapped'; END $$`,
      );
    await expect(run("SELECT format('x'::text, gen_random_uuid(), 1::bigint)")).rejects.toThrow("trapped");
    await requireWorks(storage);
    await requireNearest(storage);
  });
});

/** Fails where a store cannot record an event and find its passage by meaning. */
async function requireNearest(storage: PostgresStorage): Promise<void> {
  const project = await newProject(storage);
  await storage.transaction(context(project), [
    write(eventDraft(project), { chunks: [chunkDraft("winch")] }),
  ]);
  const owed = await storage.chunks.owed([project], SPACE, 9);
  const vector = Float32Array.of(1, 0, 0);
  await storage.chunks.putVectors(
    SPACE,
    owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding: vector })),
  );
  const request = { projects: [project], space: SPACE, vector, filter: {}, limit: 5 };
  expect((await storage.search.byVector(request)).hits).toHaveLength(1);
}

async function opened(url: string, migrate: boolean): Promise<PostgresStorage> {
  const storage = await PostgresStorage.open({ url, migrate, poolMax: 2 });
  onTestFinished(() => storage.close());
  return storage;
}

async function superuser(url: string): Promise<(sql: string) => Promise<void>> {
  const client = await adminClient(url);
  onTestFinished(() => client.end());
  return async (sql) => void (await client.query(sql));
}
