import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import { PLAN_SORTS, type PlanFilter } from "../../../lib/storage/contract/rows.ts";
import { after, changed, context, newProject, planDraft, write } from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";
import { readAllPages } from "./paging.ts";

type Values = Parameters<typeof planDraft>[1];

export function describePlans(store: Store): void {
  const fill = async (project: ProjectId, plans: readonly Values[]) => {
    const drafts = plans.map((values) => planDraft(project, values));
    await store().transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    return drafts;
  };
  const titles = async (filter: PlanFilter) =>
    (await store().plans.query(filter, { limit: 100 })).items.map(({ title }) => title);

  it("keeps every field of a plan, and leaves absent ones out", async () => {
    const project = await newProject(store());
    const [draft] = await fill(project, [
      {
        title: "Whole",
        statusText: "in review",
        priority: "high",
        type: "feature",
        author: "Ada",
        description: "All of it",
        topics: ["one", "zwei"],
        links: [{ rel: "depends on", target: "somewhere else" }],
        source: "file",
        path: "docs/whole.md",
        startedAt: after(1),
        completedAt: after(2),
        fileHash: "ef".repeat(32),
        pendingFile: true,
      },
    ]);
    const found = await store().plans.find([project], "whole");
    expect(found).toEqual([{ ...draft?.row, slug: "whole", ref: found[0]?.ref, revision: 1 }]);
  });

  it("resolves links to live plans of the project, whenever they come", async () => {
    const project = await newProject(store());
    const other = await newProject(store());
    await fill(other, [{ title: "elsewhere" }]);
    const [target] = await fill(project, [{ title: "The Target", path: "docs/plans/target.md" }]);
    const ref = (await store().plans.find([project], "the-target"))[0]?.ref ?? "";
    const targets = [
      target?.row.id ?? "",
      ref.toUpperCase(),
      "the-target",
      "./plans/the-target.md#goals",
      "docs/plans/target.md",
      "../plans/target.md",
      "THE  target",
    ];
    const lost = ["elsewhere", "https://example.org/the-target", "", "#top", "nothing"];
    await fill(project, [
      {
        title: "From",
        path: "docs/notes/from.md",
        links: [...targets, ...lost].map((text) => ({ rel: "related", target: text })),
      },
    ]);
    const links = async () => (await store().plans.find([project], "from"))[0]?.links ?? [];
    expect((await links()).map(({ resolved }) => resolved)).toEqual([
      ...targets.map(() => ref),
      ...lost.map(() => undefined),
    ]);
    expect((await store().plans.query({ projects: [project] }, { limit: 5 })).items).toContainEqual(
      expect.objectContaining({ title: "From", links: await links() }),
    );
    if (target !== undefined) {
      await store().transaction(context(project), [
        write(changed(target, { deletedAt: after(1) }), { operation: "delete", expectedRevision: 1 }),
      ]);
    }
    expect((await links()).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it("replaces a plan's links with the row", async () => {
    const project = await newProject(store());
    const links = ["a", "b"].map((target) => ({ rel: "related", target }));
    const [draft] = await fill(project, [{ title: "Linked", links }]);
    if (draft === undefined) return expect.unreachable();
    await store().transaction(context(project), [
      write(changed(draft, { links: [{ rel: "blocks", target: "c" }] }), {
        operation: "update",
        expectedRevision: 1,
      }),
    ]);
    const [found] = await store().plans.find([project], "linked");
    expect(found?.links).toEqual([{ rel: "blocks", target: "c" }]);
  });

  it("filters by status, priority, type, author, topic and time of change", async () => {
    const project = await newProject(store());
    await fill(project, [
      { title: "a", status: "ACTIVE", priority: "high", type: "bugfix", author: "Ärne", topics: ["Kräne"] },
      { title: "b", status: "PAUSED", updatedAt: after(10), topics: [] },
      { title: "c kräne", status: "COMPLETE", priority: "low", updatedAt: after(20), topics: [] },
    ]);
    const projects = [project];
    expect(await titles({ projects, statuses: ["ACTIVE", "PAUSED"] })).toEqual(["b", "a"]);
    expect(await titles({ projects, statuses: [] })).toEqual([]);
    expect(await titles({ projects, priorities: ["low", "medium"] })).toEqual(["c kräne"]);
    expect(await titles({ projects, types: ["bugfix"] })).toEqual(["a"]);
    expect(await titles({ projects, author: "äRNE" })).toEqual(["a"]);
    expect(await titles({ projects, author: "är" })).toEqual([]);
    expect(await titles({ projects, topic: "RÄN" })).toEqual(["c kräne", "a"]);
    expect(await titles({ projects, topic: "%" })).toEqual([]);
    expect(await titles({ projects, updatedAfter: after(10) })).toEqual(["c kräne", "b"]);
    expect(await titles({ projects, updatedBefore: after(10) })).toEqual(["a"]);
    expect(await titles({ projects: [] })).toEqual([]);
  });

  it("sorts by each key, absent priorities last", async () => {
    const project = await newProject(store());
    await fill(project, [
      { title: "Beta", status: "PLANNED", updatedAt: after(1), createdAt: after(3) },
      { title: "alpha", status: "ACTIVE", priority: "low", updatedAt: after(3), createdAt: after(2) },
      { title: "gamma", status: "COMPLETE", priority: "high", updatedAt: after(2), createdAt: after(1) },
    ]);
    const orders: string[][] = [];
    for (const sort of PLAN_SORTS) orders.push([...(await titles({ projects: [project], sort }))]);
    expect(orders).toEqual([
      ["alpha", "gamma", "Beta"],
      ["Beta", "alpha", "gamma"],
      ["alpha", "Beta", "gamma"],
      ["gamma", "alpha", "Beta"],
      ["alpha", "gamma", "Beta"],
    ]);
  });

  it("pages through several projects in one order, whatever the sort, equal keys included", async () => {
    const one = await newProject(store());
    const two = await newProject(store());
    const priorities = ["high", undefined, "medium", "low"] as const;
    for (const project of [one, two]) {
      await fill(
        project,
        Array.from({ length: 9 }, (_, i) => ({
          title: `Plan ${i % 3} ${i < 5 ? "\u{1f6a2}" : "\ue000"}`,
          priority: priorities[i % 4],
          updatedAt: after(i % 2),
          createdAt: after(i % 4),
        })),
      );
    }
    for (const sort of PLAN_SORTS) {
      const filter = { projects: [two, one], sort };
      const whole = await store().plans.query(filter, { limit: 100 });
      const paged = await readAllPages(4, (request) => store().plans.query(filter, request));
      expect(paged).toEqual(whole.items);
      expect(new Set(paged.map(({ id }) => id)).size).toBe(18);
    }
  });

  it("refuses a cursor of another query", async () => {
    const project = await newProject(store());
    await fill(project, [{ title: "a" }, { title: "b" }]);
    const filter = { projects: [project] };
    const { nextCursor } = await store().plans.query(filter, { limit: 1 });
    expect(nextCursor).toBeTypeOf("string");
    for (const cursor of [nextCursor, "nonsense", ""]) {
      const attempt = store().plans.query({ ...filter, sort: "title" }, { limit: 1, cursor });
      await expect(attempt).rejects.toMatchObject({ code: "invalid_input", field: "cursor" });
    }
  });
}
