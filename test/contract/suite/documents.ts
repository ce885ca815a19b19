import { describe, expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import type { DraftRow } from "../../../lib/storage/contract/writes.ts";
import {
  after,
  changed,
  context,
  newProject,
  nextRowId,
  patternDraft,
  planDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

type Make = (project: ProjectId, values?: { title?: string; deletedAt?: string }) => DraftRow;

/** What plans, sessions and patterns have in common, for each of them. */
export function describeDocuments(store: Store): void {
  describe("plans", () => describeDocument(store, "plans", planDraft));
  describe("sessions", () => describeDocument(store, "sessions", sessionDraft));
  describe("patterns", () => describeDocument(store, "patterns", patternDraft));
}

function describeDocument(store: Store, facet: "plans" | "sessions" | "patterns", make: Make): void {
  it("finds a row with its content by id, ref and slug", async () => {
    const project = await newProject(store());
    const draft = make(project);
    const [result] = await store().transaction(context(project), [write(draft, { slugs: ["My_Slug"] })]);
    const stored = { ...draft.row, ref: result?.ref, slug: "My_Slug", revision: 1 };
    for (const text of [draft.row.id.toUpperCase(), result?.ref.toUpperCase() ?? "", "My_Slug"]) {
      expect(await store()[facet].find([project], text)).toEqual([stored]);
    }
    for (const text of ["my_slug", "My", ""]) {
      expect(await store()[facet].find([project], text)).toEqual([]);
    }
  });

  it("finds rows in the projects named only, in their order", async () => {
    const [one, two, three] = [
      await newProject(store()),
      await newProject(store()),
      await newProject(store()),
    ];
    for (const project of [one, two, three]) {
      await store().transaction(context(project), [write(make(project), { slugs: ["everywhere"] })]);
    }
    const found = await store()[facet].find([three, one], "everywhere");
    expect(found.map(({ project }) => project)).toEqual([three, one]);
    expect(await store()[facet].find([], "everywhere")).toEqual([]);
  });

  it("finds at most 20 rows", async () => {
    const projects: ProjectId[] = [];
    for (let i = 0; i < 21; i++) {
      const project = await newProject(store());
      projects.push(project);
      await store().transaction(context(project), [write(make(project), { slugs: ["crowd"] })]);
    }
    expect(await store()[facet].find(projects, "crowd")).toHaveLength(20);
  });

  it("shows tombstones only when they are asked for", async () => {
    const project = await newProject(store());
    const draft = make(project);
    await store().transaction(context(project), [write(draft, { slugs: ["gone"] })]);
    await store().transaction(context(project), [
      write(changed(draft, { deletedAt: after(1) }), { operation: "delete", expectedRevision: 1 }),
    ]);
    expect(await store()[facet].find([project], "gone")).toEqual([]);
    expect(await store()[facet].names(project)).toEqual([]);
    const named = await store()[facet].names(project, { deleted: true });
    expect(named.map(({ id, slug }) => [id, slug])).toEqual([[draft.row.id, "gone"]]);
    const page = await store()[facet].query({ projects: [project] }, { limit: 5 });
    expect(page).toEqual({ count: 0, countExact: true, items: [] });
    const [found] = await store()[facet].find([project], "gone", { deleted: true });
    expect(found).toMatchObject({ id: draft.row.id, deletedAt: after(1), revision: 2 });
    expect(await store()[facet].byIds(project, [draft.row.id])).toEqual([found]);
  });

  it("gives rows by ids in the order of the ids, without those that are missing or elsewhere", async () => {
    const project = await newProject(store());
    const other = await newProject(store());
    const [a, b, elsewhere] = [make(project), make(project), make(other)];
    await store().transaction(context(project), [write(a), write(b)]);
    await store().transaction(context(other), [write(elsewhere)]);
    const ids = [b.row.id, nextRowId(), elsewhere.row.id, a.row.id];
    const found = await store()[facet].byIds(project, ids);
    expect(found.map(({ id }) => id)).toEqual([b.row.id, a.row.id]);
  });

  it("names every live row by slug", async () => {
    const project = await newProject(store());
    for (const slug of ["b", "a", "C", "ä"]) {
      await store().transaction(context(project), [
        write(make(project, { title: `Title ${slug}` }), { slugs: [slug] }),
      ]);
    }
    const names = await store()[facet].names(project);
    expect(names.map(({ slug, title }) => [slug, title])).toEqual([
      ["C", "Title C"],
      ["a", "Title a"],
      ["b", "Title b"],
      ["ä", "Title ä"],
    ]);
  });

  it("leaves content and file state out of pages", async () => {
    const project = await newProject(store());
    await store().transaction(context(project), [write(make(project))]);
    const { items } = await store()[facet].query({ projects: [project] }, { limit: 5 });
    expect(items).toHaveLength(1);
    for (const key of ["content", "fileHash", "pendingFile", "deletedAt"]) {
      expect(items[0]).not.toHaveProperty(key);
    }
  });
}
