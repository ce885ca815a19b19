import { expect, it } from "vitest";
import { after, chunkDraft, context, eventDraft, newProject, planDraft, write } from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

export function describeUpkeep(store: Store): void {
  it("gives the figures of the whole store", async () => {
    const before = await store().upkeep.figures();
    const project = await newProject(store());
    await store().transaction(context(project, { at: after(86_400) }), [
      write(planDraft(project), { chunks: [chunkDraft("one")] }),
      write(eventDraft(project)),
    ]);
    const figures = await store().upkeep.figures();
    expect(figures).toMatchObject({
      projects: before.projects + 1,
      plans: before.plans + 1,
      sessions: before.sessions,
      patterns: before.patterns,
      events: before.events + 1,
      chunks: before.chunks + 1,
      lastWriteAt: after(86_400),
      unsealedChanges: before.unsealedChanges + 2,
    });
    expect(figures.bytes).toBeGreaterThan(0);
    expect(figures.schemaVersion).toBeGreaterThan(0);
    expect(figures.engine).toBe(store().capabilities.engine);
  });

  it("finds nothing wrong with a sound store, and so repairs nothing", async () => {
    expect(await store().upkeep.check()).toEqual([]);
    expect(await store().upkeep.repair()).toEqual([]);
  });

  it("seals what is unsealed when the janitor comes", async () => {
    const project = await newProject(store());
    await store().transaction(context(project), [write(planDraft(project))]);
    expect(await store().upkeep.janitor(after(1))).toBe(true);
    expect(await store().changes.since(project, 0, 10)).toHaveLength(1);
    expect((await store().upkeep.figures()).unsealedChanges).toBe(0);
  });

  it("has nothing to migrate once it is open", async () => {
    const { schemaVersion } = await store().upkeep.figures();
    const nothing = { from: schemaVersion, to: schemaVersion, applied: [] };
    expect(await store().upkeep.migrate({})).toEqual(nothing);
    expect(await store().upkeep.migrate({ dryRun: true })).toEqual(nothing);
    for (const to of [0, schemaVersion + 1, 1.5]) {
      await expect(store().upkeep.migrate({ to })).rejects.toMatchObject({
        code: "invalid_input",
        field: "to",
      });
    }
  });
}
