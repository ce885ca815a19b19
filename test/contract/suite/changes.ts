import { expect, it } from "vitest";
import {
  after,
  changed,
  context,
  eventDraft,
  newProject,
  nextRowId,
  patternDraft,
  planDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

export function describeChanges(store: Store): void {
  it("keeps a line for every write: who, when, what, which revision", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    const later = changed(draft, { title: "Later" });
    await store().transaction(context(project, { actor: "Ada" }), [write(draft)]);
    await store().transaction(context(project, { actor: "Grace", at: after(9) }), [
      write(later, { operation: "update", expectedRevision: 1 }),
    ]);
    expect(await store().changes.ofRow(project, draft.row.id)).toEqual([
      { at: after(0), actor: "Ada", operation: "create", revision: 1, contentHash: draft.row.contentHash },
      { at: after(9), actor: "Grace", operation: "update", revision: 2, contentHash: later.row.contentHash },
    ]);
    expect(await store().changes.ofRow(project, nextRowId())).toEqual([]);
  });

  it("names the batch of a line, and gives the rows of a batch page by page, each once", async () => {
    const project = await newProject(store());
    const other = await newProject(store());
    const [plan, session, event] = [planDraft(project), sessionDraft(project), eventDraft(project)];
    const batch = nextRowId();
    await store().transaction(context(project), [write(plan)]);
    await store().transaction(context(project, { batch }), [
      write(changed(plan, { title: "Two" }), { operation: "update", expectedRevision: 1 }),
      write(session),
    ]);
    await store().transaction(context(project, { batch }), [
      write(changed(session, { title: "Again" }), { operation: "update", expectedRevision: 1 }),
      write(event),
    ]);
    await store().transaction(context(other, { batch }), [write(eventDraft(other))]);
    const rows = [
      { kind: "event", id: event.row.id, before: 0, revision: 1 },
      { kind: "plan", id: plan.row.id, before: 1, revision: 2 },
      { kind: "session", id: session.row.id, before: 0, revision: 2 },
    ] as const;
    const { changes } = store();
    expect(await changes.ofBatch(project, batch, { limit: 10 })).toEqual(rows);
    expect(await changes.ofBatch(project, batch, { limit: 2 })).toEqual(rows.slice(0, 2));
    expect(await changes.ofBatch(project, batch, { after: rows[1], limit: 2 })).toEqual(rows.slice(2));
    expect(await changes.ofBatch(project, batch, { after: rows[2], limit: 2 })).toEqual([]);
    expect(await changes.batchSize(project, batch)).toBe(3);
    expect(await changes.batchSize(project, nextRowId())).toBe(0);
    expect((await changes.ofRow(project, plan.row.id)).map((entry) => entry.batch)).toEqual([
      undefined,
      batch,
    ]);
    expect(await changes.importsOf(project, plan.row.id)).toEqual([]);
  });

  it("gives every revision of every kind back as it was", async () => {
    const project = await newProject(store());
    const long = "A long text that repeats itself. ".repeat(200);
    const drafts = [
      planDraft(project, { content: long, links: [{ rel: "related", target: "x" }] }),
      sessionDraft(project, { content: "short" }),
      patternDraft(project, { content: "ünïcödé \u{1f6a2}" }),
      eventDraft(project, { data: { decision: long, nested: { list: [1, 2, null] } } }),
    ];
    for (const draft of drafts) {
      const [result] = await store().transaction(context(project), [write(draft)]);
      const second =
        draft.kind === "event" ? changed(draft, { summary: "2" }) : changed(draft, { title: "2" });
      await store().transaction(context(project), [
        write(second, { operation: "update", expectedRevision: 1 }),
      ]);
      const { kind, row } = draft;
      const names = { ref: result?.ref, ...(result?.slug !== undefined && { slug: result.slug }) };
      const first = await store().changes.revision(project, kind, row.id, 1);
      expect(first).toEqual({ kind, row: { ...row, ...names, revision: 1 } });
      const newest = await store().changes.revision(project, kind, row.id, 2);
      expect(newest).toEqual({ kind, row: { ...second.row, ...names, revision: 2 } });
      expect(await store().changes.revision(project, kind, row.id, 3)).toBeUndefined();
    }
  });

  it("keeps no revision under another kind, id or project", async () => {
    const project = await newProject(store());
    const other = await newProject(store());
    const draft = planDraft(project);
    await store().transaction(context(project), [write(draft)]);
    expect(await store().changes.revision(project, "session", draft.row.id, 1)).toBeUndefined();
    expect(await store().changes.revision(project, "plan", nextRowId(), 1)).toBeUndefined();
    expect(await store().changes.revision(other, "plan", draft.row.id, 1)).toBeUndefined();
  });

  it("numbers sealed changes from 1 without gaps, in the order of the writes", async () => {
    const project = await newProject(store());
    expect(await store().changes.seal(project, after(0))).toBe(0);
    const drafts = [planDraft(project), eventDraft(project), sessionDraft(project)];
    const { batch } = { batch: "import 1" };
    await store().transaction(
      context(project, { batch }),
      drafts.map((draft) => write(draft)),
    );
    expect(await store().changes.since(project, 0, 10)).toEqual([]);
    expect(await store().changes.seal(project, after(1))).toBe(3);
    expect(await store().changes.seal(project, after(2))).toBe(3);
    await store().transaction(context(project), [write(planDraft(project))]);
    expect(await store().changes.seal(project, after(3))).toBe(4);
    const all = await store().changes.since(project, 0, 10);
    expect(all.map(({ seq, id }) => [seq, id]).slice(0, 3)).toEqual(
      drafts.map(({ row }, i) => [i + 1, row.id]),
    );
    expect(all.map(({ batch: of }) => of)).toEqual([batch, batch, batch, undefined]);
    expect((await store().changes.since(project, 2, 1)).map(({ seq }) => seq)).toEqual([3]);
    expect(await store().changes.since(project, 4, 10)).toEqual([]);
  });

  it("shows sequence numbers in history once they are given", async () => {
    const project = await newProject(store());
    const draft = eventDraft(project);
    await store().transaction(context(project), [write(draft)]);
    expect((await store().changes.ofRow(project, draft.row.id))[0]).not.toHaveProperty("seq");
    await store().changes.seal(project, after(1));
    expect((await store().changes.ofRow(project, draft.row.id))[0]?.seq).toBe(1);
  });

  it("gives changes since a moment, newest first, sealed or not", async () => {
    const project = await newProject(store());
    const drafts = [1, 2, 3].map(() => planDraft(project));
    for (const [i, draft] of drafts.entries()) {
      await store().transaction(context(project, { at: after(i) }), [write(draft)]);
      if (i === 1) await store().changes.seal(project, after(9));
    }
    const ids = async (seconds: number, limit: number) =>
      (await store().changes.sinceTime(project, after(seconds), limit)).map(({ id }) => id);
    const [, second, third] = drafts.map(({ row }) => row.id);
    expect(await ids(1, 10)).toEqual([third, second]);
    expect(await ids(0, 1)).toEqual([third]);
    expect(await ids(3, 10)).toEqual([]);
  });

  it("seals each project by itself", async () => {
    const one = await newProject(store());
    const two = await newProject(store());
    await store().transaction(context(one), [write(planDraft(one))]);
    await store().transaction(context(two), [write(planDraft(two))]);
    expect(await store().changes.seal(one, after(1))).toBe(1);
    expect(await store().changes.since(two, 0, 10)).toEqual([]);
    expect(await store().changes.seal(two, after(1))).toBe(1);
  });
}
