import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import { createSession } from "../../lib/knowledge/write-session.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

it("keeps a new plan as a file with its metadata, known to the index and changed in place", async () => {
  const bench = await openWorkbench();
  const plan = await createPlan(bench.deps, bench.project, {
    title: "Rework: the login",
    topics: "auth,web",
    priority: "high",
    status: "active",
    asFile: true,
  });
  expect(plan).toMatchObject({
    source: "file",
    path: ".aiknowsys/plans/PLAN_rework_the_login.md",
    slug: "PLAN_rework_the_login",
    status: "ACTIVE",
    priority: "high",
    topics: ["auth", "web"],
    title: "Rework: the login",
  });
  expect(await bench.index()).toMatchObject({ found: 1, unchanged: 1 });
  await updatePlan(bench.deps, bench.scope, { id: plan.ref, status: "complete" });
  expect(readFileSync(join(bench.root, String(plan.path)), "utf8")).toContain("status: COMPLETE");
});

it("never writes over a file that is there", async () => {
  const bench = await openWorkbench({ ".aiknowsys/plans/PLAN_a.md": "mine\n" });
  const plan = await createPlan(bench.deps, bench.project, { title: "A", asFile: true });
  expect(plan.path).toBe(".aiknowsys/plans/PLAN_a~2.md");
  expect(readFileSync(join(bench.root, ".aiknowsys/plans/PLAN_a.md"), "utf8")).toBe("mine\n");
});

it("follows the project's setting, for sessions too, and says when no folder is within reach", async () => {
  const bench = await openWorkbench();
  const deps = { ...bench.deps, documents: "files" as const };
  const session = await createSession(deps, bench.project, {
    date: "2026-02-14",
    title: "Depth survey",
    plan: "PLAN_a",
  });
  expect(session).toMatchObject({
    source: "file",
    path: ".aiknowsys/sessions/2026-02-14-session.md",
    date: "2026-02-14",
    plan: "PLAN_a",
    status: "active",
  });
  const elsewhere = { ...bench.project, roots: ["/nowhere/at/all"] };
  await expect(createSession(deps, elsewhere, {})).rejects.toMatchObject({ code: "unavailable" });
});
