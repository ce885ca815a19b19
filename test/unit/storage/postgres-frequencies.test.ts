import { expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { chunkDraft, context, eventDraft, newProject, write } from "../../helpers/store.ts";

const WRITES = 300;

describeWithServer("how often terms stand in passages", () => {
  it("is folded by the writers themselves, and stays exact", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const storage = await PostgresStorage.open({ url, migrate: true });
    onTestFinished(() => storage.close());
    const project = await newProject(storage);
    const record = async () => {
      const draft = eventDraft(project, { summary: "Tide" });
      await storage.transaction(context(project), [write(draft, { chunks: [chunkDraft("harbour tide")] })]);
    };
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let i = 0; i < WRITES / 4; i++) await record();
      }),
    );
    const admin = await adminClient(url);
    onTestFinished(() => admin.end());
    const { rows } = await admin.query<{ rows: number; count: number }>(
      "SELECT count(*)::int AS rows, sum(count)::int AS count FROM aiknowsys.term_frequencies WHERE term LIKE 'harbour%'",
    );
    expect(rows[0]?.count).toBe(WRITES);
    expect(rows[0]?.rows).toBeLessThan(WRITES);
    expect(await storage.upkeep.check()).toEqual([]);
  }, 60_000);
});
