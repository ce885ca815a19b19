import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import type { SessionFilter } from "../../../lib/storage/contract/rows.ts";
import { after, context, newProject, sessionDraft, write } from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";
import { readAllPages } from "./paging.ts";

type Values = Parameters<typeof sessionDraft>[1];

export function describeSessions(store: Store): void {
  const fill = async (project: ProjectId, sessions: readonly Values[]) => {
    const drafts = sessions.map((values) => sessionDraft(project, values));
    await store().transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    return drafts;
  };
  const titles = async (filter: SessionFilter) =>
    (await store().sessions.query(filter, { limit: 100 })).items.map(({ title }) => title);

  it("keeps every field of a session", async () => {
    const project = await newProject(store());
    const [draft] = await fill(project, [
      {
        title: "Whole",
        status: "paused",
        statusText: "on hold",
        author: "Ada",
        plan: "PLAN_x",
        topics: ["a"],
        phases: ["think", "build"],
        files: ["lib/a.ts"],
        durationMinutes: 12.5,
        source: "file",
        path: "sessions/whole.md",
        fileHash: "ef".repeat(32),
        pendingFile: false,
      },
    ]);
    const found = await store().sessions.find([project], "whole");
    expect(found).toEqual([{ ...draft?.row, slug: "whole", ref: found[0]?.ref, revision: 1 }]);
  });

  it("orders by date, then by time of change, then by id", async () => {
    const project = await newProject(store());
    await fill(project, [
      { title: "early", date: "2026-02-27", updatedAt: after(99) },
      { title: "late first", date: "2026-03-02", updatedAt: after(1) },
      { title: "late second", date: "2026-03-02", updatedAt: after(1) },
      { title: "late third", date: "2026-03-02", updatedAt: after(2) },
    ]);
    expect(await titles({ projects: [project] })).toEqual([
      "late third",
      "late first",
      "late second",
      "early",
    ]);
  });

  it("filters by day, days, status, topic and the names of a plan", async () => {
    const project = await newProject(store());
    await fill(project, [
      { title: "a", date: "2026-03-01", status: "active", plan: "PLAN_Login", topics: ["Tide"] },
      { title: "b", date: "2026-03-02", plan: "pln_abcdefgh", topics: [] },
      { title: "c tide", date: "2026-03-03", topics: [] },
    ]);
    const projects = [project];
    expect(await titles({ projects, date: "2026-03-02" })).toEqual(["b"]);
    expect(await titles({ projects, date: "2026-03-02", dateAfter: "2026-03-03" })).toEqual([]);
    expect(await titles({ projects, date: "2026-03-02", dateBefore: "2026-03-01" })).toEqual([]);
    expect(await titles({ projects, dateAfter: "2026-03-02" })).toEqual(["c tide", "b"]);
    expect(await titles({ projects, dateBefore: "2026-03-02" })).toEqual(["b", "a"]);
    expect(await titles({ projects, statuses: ["active", "paused"] })).toEqual(["a"]);
    expect(await titles({ projects, topic: "TID" })).toEqual(["c tide", "a"]);
    expect(await titles({ projects, plan: ["PLN_ABCDEFGH", "plan_login"] })).toEqual(["b", "a"]);
    expect(await titles({ projects, plan: [] })).toEqual([]);
  });

  it("pages through several projects in one order", async () => {
    const one = await newProject(store());
    const two = await newProject(store());
    for (const project of [one, two]) {
      await fill(
        project,
        Array.from({ length: 7 }, (_, i) => ({ title: `s${i}`, date: `2026-03-0${1 + (i % 3)}` })),
      );
    }
    const filter = { projects: [one, two] };
    const whole = await store().sessions.query(filter, { limit: 100 });
    const paged = await readAllPages(3, (request) => store().sessions.query(filter, request));
    expect(paged).toEqual(whole.items);
    expect(new Set(paged.map(({ id }) => id)).size).toBe(14);
  });

  it("refuses a cursor of another query", async () => {
    const project = await newProject(store());
    const attempt = store().sessions.query({ projects: [project] }, { limit: 1, cursor: "WyJwbGFucyJd" });
    await expect(attempt).rejects.toMatchObject({ code: "invalid_input", field: "cursor" });
  });
}
