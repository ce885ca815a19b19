import { expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { after, context, eventDraft, newProject, nextRowId, write } from "../../helpers/store.ts";

describeWithServer("a sealer", () => {
  it("numbers what is committed late after what was sealed before, so that a reader of numbers misses nothing", async () => {
    const { url, drop } = await newDatabase();
    const storage = await PostgresStorage.open({ url, migrate: true });
    const slow = await adminClient(url);
    try {
      const project = await newProject(storage);
      const early = nextRowId();
      await slow.query("BEGIN");
      await slow.query(
        `INSERT INTO aiknowsys.changes
           (tenant_id, project_id, at, actor, kind, row_id, revision, operation, content_hash)
         VALUES ($1, $2, $3, 'slow', 'event', $4, 1, 'create', 'x')`,
        [DEFAULT_TENANT, project, after(0), early],
      );
      const quick = eventDraft(project);
      await storage.transaction(context(project, { at: after(1) }), [write(quick)]);
      const seen = await storage.changes.seal(project, after(2));
      expect((await storage.changes.since(project, 0, 9)).map(({ id }) => id)).toEqual([quick.row.id]);
      await slow.query("COMMIT");
      expect(await storage.changes.seal(project, after(3))).toBe(seen + 1);
      // Its position is the lower one, its number the higher.
      expect((await storage.changes.since(project, seen, 9)).map(({ id }) => id)).toEqual([early]);
      const { rows } = await slow.query("SELECT row_id FROM aiknowsys.changes ORDER BY position");
      expect(rows.map(({ row_id }) => row_id)).toEqual([early, quick.row.id]);
      // The line that was planted has no event; the seals are in order.
      const planted = { what: "1 events that the change log knows are not there." };
      expect(await storage.upkeep.check()).toEqual([expect.objectContaining(planted)]);
    } finally {
      await slow.end();
      await storage.close();
      await drop();
    }
  });

  it("works beside others of its kind without giving a number twice", async () => {
    const { url, drop } = await newDatabase();
    const stores = [await PostgresStorage.open({ url, migrate: true }), await PostgresStorage.open({ url })];
    const [storage] = stores;
    try {
      if (storage === undefined) throw new Error("No store was opened.");
      const project = await newProject(storage);
      const seals = stores.map(async (store) => {
        for (let i = 0; i < 12; i++) {
          await store.transaction(context(project), [write(eventDraft(project))]);
          await store.changes.seal(project, after(i));
        }
      });
      await Promise.all(seals);
      const numbers = (await storage.changes.since(project, 0, 99)).map(({ seq }) => seq);
      expect(numbers).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
      expect(await storage.upkeep.check()).toEqual([]);
    } finally {
      for (const store of stores) await store.close();
      await drop();
    }
  });
});
