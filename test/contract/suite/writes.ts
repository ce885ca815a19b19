import fc from "fast-check";
import { expect, it } from "vitest";
import { isRef, refsOf } from "../../../lib/domain/ids.ts";
import { wellFormedJson } from "../../../lib/domain/well-formed.ts";
import {
  after,
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  nextProjectId,
  nextRowId,
  patternDraft,
  planDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

export function describeWrites(store: Store): void {
  it("does nothing for an empty list", async () => {
    expect(await store().transaction(context(nextProjectId()), [])).toEqual([]);
  });

  it("gives ref, slug and revision 1 to new rows, in the order of the writes", async () => {
    const project = await newProject(store());
    const drafts = [planDraft(project), sessionDraft(project), patternDraft(project), eventDraft(project)];
    const results = await store().transaction(
      context(project),
      drafts.map((draft) => write(draft, { slugs: ["wished"] })),
    );
    expect(results).toEqual(
      drafts.map(({ kind, row }) => ({
        kind,
        id: row.id,
        ref: refsOf(kind, row.id)[0],
        ...(kind !== "event" && { slug: "wished" }),
        revision: 1,
      })),
    );
  });

  it("takes the first free wished slug, then counts on from the last one", async () => {
    const project = await newProject(store());
    const slugs: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      const [result] = await store().transaction(context(project), [
        write(planDraft(project), { slugs: ["spec", "folder-spec"] }),
      ]);
      slugs.push(result?.slug);
    }
    expect(slugs).toEqual(["spec", "folder-spec", "folder-spec~2", "folder-spec~3"]);
  });

  it("lets rows of different kinds and projects have the same slug", async () => {
    const one = await newProject(store());
    const two = await newProject(store());
    const slugs = ["same"];
    const inOne = await store().transaction(context(one), [
      write(planDraft(one), { slugs }),
      write(sessionDraft(one), { slugs }),
    ]);
    const inTwo = await store().transaction(context(two), [write(planDraft(two), { slugs })]);
    expect([...inOne, ...inTwo].map(({ slug }) => slug)).toEqual(["same", "same", "same"]);
  });

  it("names a document without wished slugs by its ref", async () => {
    const project = await newProject(store());
    const [result] = await store().transaction(context(project), [write(planDraft(project), { slugs: [] })]);
    expect(result?.slug).toBe(result?.ref);
    expect(isRef(result?.slug ?? "")).toBe(true);
  });

  it("keeps the slug of a changed row and of its tombstone", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    await store().transaction(context(project), [write(draft, { slugs: ["first"] })]);
    const gone = changed(draft, { title: "Another", deletedAt: after(1) });
    const [result] = await store().transaction(context(project), [
      write(gone, { operation: "delete", expectedRevision: 1, slugs: ["second"] }),
    ]);
    expect(result).toMatchObject({ slug: "first", revision: 2 });
    const [next] = await store().transaction(context(project), [
      write(planDraft(project), { slugs: ["first"] }),
    ]);
    expect(next?.slug).toBe("first~2");
  });

  it("refuses a write to another revision and says which one stands", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    const [created] = await store().transaction(context(project), [write(draft)]);
    const current = { id: draft.row.id, ref: created?.ref, revision: 1 };
    for (const expectedRevision of [0, 2]) {
      const attempt = store().transaction(context(project), [
        write(draft, { operation: "update", expectedRevision }),
      ]);
      await expect(attempt).rejects.toMatchObject({ code: "conflict", current });
    }
  });

  it("refuses to change a row that is not there", async () => {
    const project = await newProject(store());
    const attempt = store().transaction(context(project), [
      write(planDraft(project), { operation: "update", expectedRevision: 3 }),
    ]);
    await expect(attempt).rejects.toMatchObject({ code: "conflict", current: { revision: 0 } });
  });

  it("writes all or nothing", async () => {
    const project = await newProject(store());
    const good = planDraft(project);
    const bad = planDraft(project);
    const attempt = store().transaction(context(project), [
      write(good, { chunks: [chunkDraft("quicksilver")] }),
      write(bad, { expectedRevision: 5 }),
    ]);
    await expect(attempt).rejects.toMatchObject({ code: "conflict" });
    expect(await store().plans.byIds(project, [good.row.id])).toEqual([]);
    expect(await store().changes.ofRow(project, good.row.id)).toEqual([]);
    expect((await store().projects.counts(project)).chunks).toBe(0);
  });

  it("refuses a project that is not registered and a row of another project", async () => {
    const project = await newProject(store());
    const stranger = nextProjectId();
    await expect(store().transaction(context(stranger), [write(planDraft(stranger))])).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(store().transaction(context(project), [write(planDraft(stranger))])).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("keeps passages, replaces them and drops them with the row", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    const texts = async () =>
      (await store().chunks.ofRow(project, "plan", draft.row.id)).map(({ text }) => text);
    await store().transaction(context(project), [write(draft, { chunks: [chunkDraft("one")] })]);
    const update = { operation: "update", expectedRevision: 1 } as const;
    await store().transaction(context(project), [write(draft, { ...update, chunks: "keep" })]);
    expect(await texts()).toEqual(["one"]);
    const two = [chunkDraft("two"), chunkDraft("three", { ordinal: 1 })];
    await store().transaction(context(project), [
      write(draft, { ...update, expectedRevision: 2, chunks: two }),
    ]);
    expect(await texts()).toEqual(["two", "three"]);
    const gone = changed(draft, { deletedAt: after(1) });
    await store().transaction(context(project), [
      write(gone, { operation: "delete", expectedRevision: 3, chunks: "keep" }),
    ]);
    expect(await texts()).toEqual([]);
  });

  it("marks the event that a new one supersedes, with a change line of its own", async () => {
    const project = await newProject(store());
    const older = eventDraft(project);
    const newer = eventDraft(project, { supersedes: older.row.id });
    await store().transaction(context(project), [write(older, { chunks: [chunkDraft("old crane")] })]);
    await store().transaction(context(project), [write(newer, { chunks: [chunkDraft("new crane")] })]);
    const [found] = await store().events.byIds(project, [older.row.id]);
    expect(found).toMatchObject({ supersededBy: newer.row.id, revision: 2 });
    expect(found?.contentHash).not.toBe(older.row.contentHash);
    const history = await store().changes.ofRow(project, older.row.id);
    expect(history.map(({ operation }) => operation)).toEqual(["create", "supersede"]);
    const page = await store().events.query({ projects: [project] }, { limit: 10 });
    expect(page.items.map(({ id }) => id)).toEqual([newer.row.id]);
    const hits = (includeSuperseded: boolean) =>
      store().search.byWords({
        projects: [project],
        terms: [{ term: "crane", weight: 1 }],
        filter: { includeSuperseded },
        limit: 10,
      });
    expect((await hits(false)).hits.map(({ owner }) => owner)).toEqual([newer.row.id]);
    expect((await hits(true)).hits).toHaveLength(2);
  });

  it("marks nothing again when an event that superseded another is retracted", async () => {
    const project = await newProject(store());
    const older = eventDraft(project);
    const newer = eventDraft(project, { supersedes: older.row.id });
    await store().transaction(context(project), [write(older), write(newer)]);
    const freed = { ...write(older), operation: "restore" as const, expectedRevision: 2 };
    const retracted = changed(newer, { retractedAt: after(1), retractedWhy: "wrong" });
    await store().transaction(context(project), [
      freed,
      write(retracted, { operation: "retract", expectedRevision: 1 }),
    ]);
    const [found] = await store().events.byIds(project, [older.row.id]);
    expect(found).toMatchObject({ id: older.row.id, revision: 3 });
    expect(found?.supersededBy).toBeUndefined();
  });

  it("hides the passages of an event that is retracted with its passages kept", async () => {
    const project = await newProject(store());
    const draft = eventDraft(project);
    await store().transaction(context(project), [write(draft, { chunks: [chunkDraft("misjudged")] })]);
    const retracted = changed(draft, { retractedAt: after(1), retractedWhy: "wrong" });
    await store().transaction(context(project), [
      write(retracted, { operation: "retract", expectedRevision: 1, chunks: "keep" }),
    ]);
    const { hits } = await store().search.byWords({
      projects: [project],
      terms: [{ term: "misjudged", weight: 1 }],
      filter: {},
      limit: 10,
    });
    expect(hits).toEqual([]);
    expect((await store().events.query({ projects: [project] }, { limit: 10 })).items).toEqual([]);
  });

  it("refuses to supersede what is superseded, retracted, deleted or not there", async () => {
    const project = await newProject(store());
    const first = eventDraft(project);
    const retracted = eventDraft(project, { retractedAt: after(1), retractedWhy: "wrong" });
    const deleted = eventDraft(project, { deletedAt: after(1) });
    const newer = nextRowId();
    await store().transaction(context(project), [
      write(first),
      write(retracted),
      write(deleted),
      write(eventDraft(project, { id: newer, supersedes: first.row.id })),
    ]);
    const [replacing] = await store().events.byIds(project, [newer]);
    const attempt = (supersedes: ReturnType<typeof nextRowId>) =>
      store().transaction(context(project), [write(eventDraft(project, { supersedes }))]);
    await expect(attempt(first.row.id)).rejects.toMatchObject({
      code: "conflict",
      current: { id: first.row.id, revision: 2, supersededBy: replacing?.ref },
      hint: `Supersede ${replacing?.ref} instead.`,
    });
    await expect(attempt(retracted.row.id)).rejects.toMatchObject({ code: "conflict" });
    await expect(attempt(deleted.row.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(attempt(nextRowId())).rejects.toMatchObject({ code: "not_found" });
  });

  it("gives back every text as it went in, but for characters that no engine holds", async () => {
    const project = await newProject(store());
    const text = fc.string({ unit: "binary", maxLength: 30 });
    const values = fc.record({ title: text, content: text, topics: fc.array(text, { maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        const draft = planDraft(project, given);
        await store().transaction(context(project), [write(draft, { slugs: ["any"] })]);
        const [found] = await store().plans.byIds(project, [draft.row.id]);
        expect(found).toMatchObject(wellFormedJson(given));
      }),
      { numRuns: 60 },
    );
    const torn = planDraft(project, { title: "a\u0000b \ud800 c", content: "\\u0000 stays" });
    await store().transaction(context(project), [write(torn, { chunks: [chunkDraft("x \udc00")] })]);
    const [found] = await store().plans.byIds(project, [torn.row.id]);
    expect(found).toMatchObject({ title: "a\u2400b \ufffd c", content: "\\u0000 stays" });
    expect((await store().chunks.ofRow(project, "plan", torn.row.id))[0]?.text).toBe("x \ufffd");
  });
}
