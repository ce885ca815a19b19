import { describe, expect, it } from "vitest";
import { queryEvents, querySessions } from "../../lib/knowledge/query.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import { createSession, updateSession } from "../../lib/knowledge/write-session.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

describe("an update with wrong arguments", () => {
  it.each([
    [{ status: "FINISHED" }, "status"],
    [{ revision: 0, status: "ACTIVE" }, "revision"],
    [{ title: " " }, "title"],
    [{}, undefined],
    [{ section: "Tasks" }, undefined],
  ])("is told of them before its row is looked up: %j", async (update, field) => {
    const { deps, scope } = await openWorkbench();
    const expected = { code: "invalid_input", ...(field !== undefined && { field }) };
    const plan = updatePlan(deps, scope, { id: "PLAN_nowhere", ...update });
    await expect(plan).rejects.toMatchObject(expected);
    const status =
      "status" in update ? { status: update.status === "ACTIVE" ? "active" : update.status } : {};
    const session = (id: string) => updateSession(deps, scope, { id, ...update, ...status });
    await expect(session("nowhere")).rejects.toMatchObject(expected);
    await expect(session("latest")).rejects.toMatchObject(expected);
  });

  it("that has nothing wrong but its name is told that there is no such row", async () => {
    const { deps, scope } = await openWorkbench();
    await expect(updatePlan(deps, scope, { id: "PLAN_nowhere", status: "ACTIVE" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(updateSession(deps, scope, { id: "latest", addFile: "a.ts" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("adds to a session's lists without repeating what they hold", async () => {
    const { deps, project, scope } = await openWorkbench();
    const { ref } = await createSession(deps, project, { title: "Monday", topics: "sea" });
    const add = (addTopic: string) => updateSession(deps, scope, { id: ref, addTopic, addFile: "a.ts" });
    await add("wind");
    expect(await add("sea,tide")).toMatchObject({ topics: ["sea", "wind", "tide"], files: ["a.ts"] });
  });
});

describe("the plan that a session or an event names", () => {
  it.each(["plan_login_page", "PLAN_LOGIN_PAGE", "PLAN_login_page"])("is found as %s", async (plan) => {
    const { deps, project, scope } = await openWorkbench();
    const { ref } = await createPlan(deps, project, { title: "Login page" });
    const session = await createSession(deps, project, { plan });
    const event = await recordEvent(deps, project, { type: "note", data: { text: "a" }, plan });
    expect([session.plan, event.plan]).toEqual([ref, ref]);
    expect(await querySessions(deps, scope, { plan: ref })).toMatchObject({ count: 1 });
    expect(await queryEvents(deps, scope, { plan: ref })).toMatchObject({ count: 1 });
  });

  it("stays as it was given where there is none, or more than one", async () => {
    const { deps, project, index } = await openWorkbench({
      ".aiknowsys/PLAN_sea.md": "# A\n",
      ".aiknowsys/PLAN_SEA.md": "# B\n",
    });
    await index();
    for (const plan of ["some plan", "plan_sea"])
      expect(await createSession(deps, project, { plan })).toMatchObject({ plan });
    expect((await createSession(deps, project, { plan: "PLAN_SEA" })).plan).toMatch(/^pln_/);
  });

  it("is found for the session of an event too, and an empty name is refused", async () => {
    const { deps, project } = await openWorkbench();
    const { ref, slug } = await createSession(deps, project, { title: "Monday" });
    const data = { text: "a" };
    const session = slug.toUpperCase();
    expect(await recordEvent(deps, project, { type: "note", data, session })).toMatchObject({ session: ref });
    await expect(recordEvent(deps, project, { type: "note", data, plan: " " })).rejects.toMatchObject({
      code: "invalid_input",
      field: "plan",
    });
  });
});
