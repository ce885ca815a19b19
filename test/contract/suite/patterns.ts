import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import type { PatternFilter } from "../../../lib/storage/contract/rows.ts";
import { after, context, newProject, patternDraft, write } from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";
import { readAllPages } from "./paging.ts";

type Values = Parameters<typeof patternDraft>[1];

export function describePatterns(store: Store): void {
  const fill = async (project: ProjectId, patterns: readonly Values[]) => {
    const drafts = patterns.map((values) => patternDraft(project, values));
    await store().transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    return drafts;
  };
  const titles = async (filter: PatternFilter) =>
    (await store().patterns.query(filter, { limit: 100 })).items.map(({ title }) => title);

  it("keeps every field of a pattern", async () => {
    const project = await newProject(store());
    const [draft] = await fill(project, [
      {
        title: "Whole",
        category: "Testing",
        triggers: ["a", "b"],
        author: "Ada",
        source: "file",
        path: "p.md",
      },
    ]);
    const found = await store().patterns.find([project], "whole");
    expect(found).toEqual([{ ...draft?.row, slug: "whole", ref: found[0]?.ref, revision: 1 }]);
  });

  it("filters by category and by text of title or trigger, newest change first", async () => {
    const project = await newProject(store());
    await fill(project, [
      { title: "a", category: "Ropes", triggers: ["Bowline knot"], updatedAt: after(1) },
      { title: "b knot", triggers: [], updatedAt: after(3) },
      { title: "c", category: "ropes", triggers: [], updatedAt: after(2) },
    ]);
    const projects = [project];
    expect(await titles({ projects })).toEqual(["b knot", "c", "a"]);
    expect(await titles({ projects, category: "ROPES" })).toEqual(["c", "a"]);
    expect(await titles({ projects, category: "rope" })).toEqual([]);
    expect(await titles({ projects, topic: "KNOT" })).toEqual(["b knot", "a"]);
    expect(await titles({ projects, topic: "nothing" })).toEqual([]);
  });

  it("pages through equal times of change by id", async () => {
    const project = await newProject(store());
    await fill(
      project,
      Array.from({ length: 7 }, (_, i) => ({ title: `p${i}` })),
    );
    const filter = { projects: [project] };
    const paged = await readAllPages(2, (request) => store().patterns.query(filter, request));
    expect(paged.map(({ title }) => title)).toEqual(["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
  });
}
