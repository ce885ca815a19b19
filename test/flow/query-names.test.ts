import { describe, expect, it } from "vitest";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { queryEvents, queryPlans, querySessions } from "../../lib/knowledge/query.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { createPlan } from "../../lib/knowledge/write-plan.ts";
import { createSession } from "../../lib/knowledge/write-session.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

async function openHarbour() {
  const bench = await openWorkbench();
  const { deps, project } = bench;
  const plan = await createPlan(deps, project, { title: "Rebuild the pier" });
  const session = await createSession(deps, project, { title: "Depth survey", plan: "dredging" });
  await recordEvent(deps, project, { type: "note", data: { text: "a" }, plan: "tide tables" });
  await recordEvent(deps, project, { type: "note", data: { text: "b" }, session: "night watch" });
  return { ...bench, plan, session };
}

describe("a filter by plan or session", () => {
  it("that names nothing at all is not found", async () => {
    const { deps, scope } = await openHarbour();
    const absent = { code: "not_found", message: 'No plan "PLAN_peir" in this project.', field: "plan" };
    await expect(queryEvents(deps, scope, { plan: "PLAN_peir" })).rejects.toMatchObject(absent);
    await expect(querySessions(deps, scope, { plan: "PLAN_peir" })).rejects.toMatchObject(absent);
    await expect(queryEvents(deps, scope, { session: "day watch" })).rejects.toMatchObject({
      code: "not_found",
      field: "session",
      message: 'No session "day watch" in this project.',
    });
    await expect(queryEvents(deps, scope, { plan: " " })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("is answered with no rows when the plan or session is there and nothing belongs to it", async () => {
    const { deps, scope, plan, session } = await openHarbour();
    for (const query of [{ plan: plan.slug }, { plan: plan.ref }, { session: session.slug }])
      expect((await queryEvents(deps, scope, query)).count).toBe(0);
    expect((await querySessions(deps, scope, { plan: plan.slug })).count).toBe(0);
  });

  it("finds rows that give the name as plain text, and is empty where only other rows give it", async () => {
    const { deps, scope } = await openHarbour();
    expect((await queryEvents(deps, scope, { plan: "Tide Tables" })).count).toBe(1);
    expect((await queryEvents(deps, scope, { session: "night watch" })).count).toBe(1);
    expect((await querySessions(deps, scope, { plan: "dredging" })).count).toBe(1);
    expect((await queryEvents(deps, scope, { plan: "dredging" })).count).toBe(0);
    expect((await querySessions(deps, scope, { plan: "tide tables" })).count).toBe(0);
    expect((await queryEvents(deps, scope, { plan: "tide tables", type: "decision_made" })).count).toBe(0);
  });

  it("ends the command line with 3, and is quiet in a folder that is not indexed", async () => {
    const { type } = makeCommandLine();
    expect((await type(["query-events", "--plan", "PLAN_peir"])).status).toBe(0);
    await type(["create-plan", "--title", "Rebuild the pier"]);
    expect(await type(["query-events", "--plan", "PLAN_peir"])).toEqual({
      status: 3,
      out: "",
      err: 'aiknowsys: No plan "PLAN_peir" in this project.\nGive the ref, slug or id of a plan, or the name that rows give it; query-plans lists them.\n',
    });
  });
});

describe("a slug", () => {
  it("is found without regard to case where that names one row", async () => {
    const { deps, scope, plan } = await openHarbour();
    expect((await showDocument(deps, scope, { id: "plan_REBUILD_the_pier" })).ref).toBe(plan.ref);
    expect((await queryEvents(deps, scope, { plan: plan.slug.toUpperCase() })).count).toBe(0);
  });

  it("is refused with the candidates where it names several, but for the one that is spelt so", async () => {
    const { deps, scope, put, index } = await openWorkbench();
    put("plans/PLAN_Pier.md", "# One\n");
    put("plans/PLAN_pier.md", "# Two\n");
    await index();
    expect(await showDocument(deps, scope, { id: "PLAN_Pier" })).toMatchObject({ title: "One" });
    await expect(showDocument(deps, scope, { id: "plan_PIER" })).rejects.toMatchObject({
      code: "invalid_input",
      message: '"plan_PIER" names 2 rows.',
    });
  });
});

describe("a span of time in which nothing can lie", () => {
  it("is refused as such, and a day by itself is a span", async () => {
    const { deps, scope } = await openHarbour();
    const [late, early] = ["2026-03-02", "2026-03-01"];
    const empty = (from: string, to: string) => ({
      code: "invalid_input",
      message: `${from} is "${late}" and ${to} is "${early}": nothing lies between them.`,
    });
    await expect(queryPlans(deps, scope, { updatedAfter: late, updatedBefore: early })).rejects.toMatchObject(
      empty("updatedAfter", "updatedBefore"),
    );
    await expect(queryEvents(deps, scope, { after: late, before: early })).rejects.toMatchObject(
      empty("after", "before"),
    );
    await expect(
      searchKnowledge(deps, scope, { query: "x", after: late, before: early, waitMs: 0 }),
    ).rejects.toMatchObject(empty("after", "before"));
    await expect(querySessions(deps, scope, { dateAfter: late, dateBefore: early })).rejects.toMatchObject(
      empty("dateAfter", "dateBefore"),
    );
    await expect(querySessions(deps, scope, { days: 1, dateBefore: early })).rejects.toMatchObject({
      message: 'days is "1" and dateBefore is "2026-03-01": nothing lies between them.',
    });
    expect((await queryEvents(deps, scope, { after: "today", before: "today" })).count).toBe(2);
    expect((await querySessions(deps, scope, { dateAfter: "today", dateBefore: "today" })).count).toBe(1);
  });
});

describe("a folder of which nothing is stored", () => {
  it("is told what to do: index it, or go elsewhere where it is no project", async () => {
    const { type } = makeCommandLine();
    expect(await type(["query-plans"])).toMatchObject({
      err: "This folder is not indexed yet: run `aiknowsys index`.\n",
    });
    const nowhere =
      "This folder is no project. Go to a project's folder, or name a project with --project.\n";
    expect(await type(["query-plans"], { in: "." })).toMatchObject({ status: 0, err: nowhere });
    expect(await type(["resume"], { in: "." })).toMatchObject({ status: 3, err: `aiknowsys: ${nowhere}` });
  });
});
