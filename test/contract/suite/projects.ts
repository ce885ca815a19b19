import { expect, it } from "vitest";
import { refsOf } from "../../../lib/domain/ids.ts";
import {
  after,
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  nextProjectId,
  patternDraft,
  planDraft,
  projectDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

export function describeProjects(store: Store): void {
  it("registers a project and finds it by id, ref, name and key", async () => {
    const draft = projectDraft({ name: "Straße Ärger" });
    const project = await store().projects.register(draft);
    expect(project).toEqual({ ...draft, ref: refsOf("project", draft.id)[0] });
    expect(await store().projects.findById(draft.id)).toEqual(project);
    for (const text of [draft.id.toUpperCase(), project.ref.toUpperCase(), ...draft.keys]) {
      expect(await store().projects.find(text)).toEqual([project]);
    }
    expect(await store().projects.find("straße ÄRGER")).toEqual([project]);
  });

  it("finds nothing under a text that names no project", async () => {
    expect(await store().projects.find("no such project")).toEqual([]);
    expect(await store().projects.findById(nextProjectId())).toBeUndefined();
    expect(await store().projects.findByKeys(["no such key"])).toBeUndefined();
  });

  it("adds the keys and roots that a known project lacks and keeps the rest", async () => {
    const draft = projectDraft({ name: "Kept" });
    await store().projects.register(draft);
    const again = await store().projects.register({
      ...draft,
      name: "Ignored",
      keys: ["another key of mine", ...draft.keys],
      roots: ["/another/root"],
    });
    expect(again.name).toBe("Kept");
    expect(again.keys).toEqual([...draft.keys, "another key of mine"]);
    expect(again.roots).toEqual([...draft.roots, "/another/root"]);
  });

  it("refuses a key that belongs to another project and then registers nothing of the draft", async () => {
    const first = projectDraft();
    await store().projects.register(first);
    const second = projectDraft({ keys: ["a free key", ...first.keys] });
    await expect(store().projects.register(second)).rejects.toMatchObject({
      code: "conflict",
      current: { project: first.id },
    });
    expect(await store().projects.findById(second.id)).toBeUndefined();
    expect(await store().projects.findByKeys(["a free key"])).toBeUndefined();
  });

  it("finds the owner of the first known key, in the order of the keys", async () => {
    const one = projectDraft();
    const two = projectDraft();
    await store().projects.register(one);
    await store().projects.register(two);
    const found = await store().projects.findByKeys(["unknown", ...two.keys, ...one.keys]);
    expect(found?.id).toBe(two.id);
  });

  it("lists projects by name without regard to case, then by id", async () => {
    const zeta = await newProject(store(), { name: "zz order c" });
    const upper = await newProject(store(), { name: "ZZ order B" });
    const twin = await newProject(store(), { name: "zz order b" });
    const ids = (await store().projects.list()).map(({ id }) => id);
    expect(ids.filter((id) => [zeta, upper, twin].includes(id))).toEqual([upper, twin, zeta]);
    expect((await store().projects.find("zz ORDER b")).map(({ id }) => id)).toEqual([upper, twin]);
  });

  it("counts live rows of each kind and passages", async () => {
    const project = await newProject(store());
    const gone = eventDraft(project);
    await store().transaction(context(project), [
      write(planDraft(project), { chunks: [chunkDraft("one two"), chunkDraft("three", { ordinal: 1 })] }),
      write(sessionDraft(project)),
      write(patternDraft(project)),
      write(eventDraft(project), { chunks: [chunkDraft("four")] }),
      write(gone, { chunks: [chunkDraft("five")] }),
    ]);
    await store().transaction(context(project), [
      write(changed(gone, { deletedAt: after(1) }), { operation: "delete", expectedRevision: 1 }),
    ]);
    const counts = { plans: 1, sessions: 1, patterns: 1, events: 1, chunks: 3 };
    expect(await store().projects.counts(project)).toEqual(counts);
  });

  it("counts nothing in a project without rows", async () => {
    const project = await newProject(store());
    const none = { plans: 0, sessions: 0, patterns: 0, events: 0, chunks: 0 };
    expect(await store().projects.counts(project)).toEqual(none);
    expect(await store().projects.lastWriteAt(project)).toBeUndefined();
  });

  it("knows when a project was last written", async () => {
    const project = await newProject(store());
    await store().transaction(context(project, { at: after(7) }), [write(planDraft(project))]);
    await store().transaction(context(project, { at: after(5) }), [write(sessionDraft(project))]);
    expect(await store().projects.lastWriteAt(project)).toBe(after(7));
  });
}
