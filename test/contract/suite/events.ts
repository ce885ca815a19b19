import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import { COUNT_LIMIT } from "../../../lib/domain/page.ts";
import type { EventFilter } from "../../../lib/storage/contract/rows.ts";
import {
  after,
  changed,
  context,
  eventDraft,
  NOON,
  newProject,
  nextRowId,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";
import { readAllPages } from "./paging.ts";

type Values = Parameters<typeof eventDraft>[1];

export function describeEvents(store: Store): void {
  const fill = async (project: ProjectId, events: readonly Values[]) => {
    const drafts = events.map((values) => eventDraft(project, values));
    await store().transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    return drafts;
  };
  const summaries = async (filter: EventFilter) =>
    (await store().events.query(filter, { limit: 100 })).items.map(({ summary }) => summary);

  it("keeps every field of an event and finds it by id and ref", async () => {
    const project = await newProject(store());
    const [draft] = await fill(project, [
      {
        type: "bug_encountered",
        data: { symptom: "It sinks", files: ["a.ts"], unknown: { deep: [1, null, "x"] } },
        tags: ["hull", "Water"],
        author: "Ada",
        agent: "client 1.0",
        session: "2026-03-01-session",
        plan: "PLAN_x",
        commit: "abc123",
        files: ["lib/hull.ts"],
        retractedAt: after(3),
        retractedWhy: "It floats",
      },
    ]);
    if (draft === undefined) return expect.unreachable();
    const [stored] = await store().events.byIds(project, [draft.row.id]);
    expect(stored).toEqual({ ...draft.row, ref: stored?.ref, revision: 1 });
    for (const text of [draft.row.id.toUpperCase(), stored?.ref.toUpperCase() ?? ""]) {
      expect(await store().events.find([project], text)).toEqual([stored]);
    }
    expect(await store().events.find([project], "nothing")).toEqual([]);
    expect(await store().events.find([await newProject(store())], draft.row.id)).toEqual([]);
  });

  it("gives events by ids in the order of the ids, tombstones included", async () => {
    const project = await newProject(store());
    const [a, b] = await fill(project, [{ summary: "a" }, { summary: "b" }]);
    if (a === undefined || b === undefined) return expect.unreachable();
    await store().transaction(context(project), [
      write(changed(a, { deletedAt: after(1) }), { operation: "delete", expectedRevision: 1 }),
    ]);
    const found = await store().events.byIds(project, [b.row.id, nextRowId(), a.row.id]);
    expect(found.map(({ summary, deletedAt }) => [summary, deletedAt])).toEqual([
      ["b", undefined],
      ["a", after(1)],
    ]);
    expect(await store().events.find([project], a.row.id)).toEqual([]);
    expect(await summaries({ projects: [project] })).toEqual(["b"]);
  });

  it("orders by time of the fact, newest first, then by id, newest first", async () => {
    const project = await newProject(store());
    await fill(project, [
      { summary: "first", occurredAt: after(1) },
      { summary: "second", occurredAt: after(2) },
      { summary: "second too", occurredAt: after(2) },
    ]);
    expect(await summaries({ projects: [project] })).toEqual(["second too", "second", "first"]);
  });

  it("filters by type, time, tag, plan and session, alone and together", async () => {
    const project = await newProject(store());
    await fill(project, [
      { summary: "a", tags: ["Äpfel", "x"], plan: "PLAN_a", occurredAt: after(1) },
      { summary: "b", type: "note", data: { text: "b" }, tags: [], session: "Ses A", occurredAt: after(2) },
      {
        summary: "c",
        type: "note",
        data: { text: "c" },
        plan: "pln_aaaaaaaa",
        session: "ses b",
        occurredAt: after(3),
      },
    ]);
    const projects = [project];
    expect(await summaries({ projects, types: ["note"] })).toEqual(["c", "b"]);
    expect(await summaries({ projects, types: ["note", "decision_made", "note"] })).toEqual(["c", "b", "a"]);
    expect(await summaries({ projects, types: [] })).toEqual([]);
    expect(await summaries({ projects, after: after(2) })).toEqual(["c", "b"]);
    expect(await summaries({ projects, before: after(2) })).toEqual(["a"]);
    expect(await summaries({ projects, after: after(2), before: after(3), types: ["note"] })).toEqual(["b"]);
    expect(await summaries({ projects, tag: "äPFEL" })).toEqual(["a"]);
    expect(await summaries({ projects, tag: "äpf" })).toEqual([]);
    expect(await summaries({ projects, plan: ["PLN_AAAAAAAA", "plan_a"] })).toEqual(["c", "a"]);
    expect(await summaries({ projects, plan: [""] })).toEqual([]);
    expect(await summaries({ projects, session: ["SES A", "ses b"] })).toEqual(["c", "b"]);
    expect(await summaries({ projects, session: ["ses b"], plan: ["plan_a"] })).toEqual([]);
    expect(await summaries({ projects, session: ["ses b"], types: ["decision_made"] })).toEqual([]);
    expect(await summaries({ projects, plan: ["plan_a"], types: ["decision_made"], tag: "x" })).toEqual([
      "a",
    ]);
  });

  it("finds a deleted event only when tombstones are asked for", async () => {
    const project = await newProject(store());
    const [draft] = await fill(project, [{ deletedAt: after(1) }]);
    const id = String(draft?.row.id);
    expect(await store().events.find([project], id)).toEqual([]);
    expect(await store().events.find([project], id, { deleted: true })).toMatchObject([{ id }]);
  });

  it("leaves superseded and retracted events out unless they are asked for", async () => {
    const project = await newProject(store());
    const [older] = await fill(project, [{ summary: "older" }]);
    await fill(project, [
      { summary: "newer", occurredAt: after(1), supersedes: older?.row.id },
      { summary: "wrong", occurredAt: after(2), retractedAt: after(3) },
    ]);
    expect(await summaries({ projects: [project] })).toEqual(["newer"]);
    expect(await summaries({ projects: [project], includeSuperseded: true })).toEqual([
      "wrong",
      "newer",
      "older",
    ]);
  });

  it("pages through projects, types and equal times in one order", async () => {
    const one = await newProject(store());
    const two = await newProject(store());
    for (const project of [one, two]) {
      await fill(
        project,
        Array.from({ length: 8 }, (_, i) => ({
          type: i % 2 === 0 ? ("note" as const) : ("decision_made" as const),
          occurredAt: after(i % 3),
          plan: "p",
        })),
      );
    }
    const filters: EventFilter[] = [
      { projects: [one, two] },
      { projects: [one, two], types: ["note", "decision_made"] },
      { projects: [two, one], plan: ["p", "q"] },
      { projects: [one, two], before: after(2) },
    ];
    for (const filter of filters) {
      const whole = await store().events.query(filter, { limit: 100 });
      const paged = await readAllPages(3, (request) => store().events.query(filter, request));
      expect(paged).toEqual(whole.items);
      expect(new Set(paged.map(({ id }) => id)).size).toBe(filter.before === undefined ? 16 : 12);
    }
  });

  it("counts exactly to 10,000 and says so beyond", async () => {
    const project = await newProject(store());
    for (let i = 0; i < COUNT_LIMIT; i += 1_000) {
      await fill(
        project,
        Array.from({ length: 1_000 }, () => ({ occurredAt: NOON })),
      );
    }
    const filter = { projects: [project] };
    const exact = await store().events.query(filter, { limit: 1 });
    expect(exact).toMatchObject({ count: COUNT_LIMIT, countExact: true });
    await fill(project, [{}]);
    const bounded = await store().events.query(filter, { limit: 1 });
    expect(bounded).toMatchObject({ count: COUNT_LIMIT, countExact: false });
    // Tests that read the whole store come after this one.
    await store().tenancy.deleteProject(project);
  });
}
