import { describe, expect, it } from "vitest";
import { learnPattern } from "../../lib/knowledge/learn.ts";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import { createSession, updateSession } from "../../lib/knowledge/write-session.ts";
import { callOver, startService } from "../helpers/http-service.ts";
import { openWorkbench } from "../helpers/knowledge.ts";
import { newProject } from "../helpers/store.ts";

/** A few more than 5,000 passages. */
const LONG = `# Numbers\n\n${"|".repeat(1_100_000)}\n`;
const CUT = {
  warnings: [
    expect.stringMatching(
      /^Only its first 5,000 passages can be found; the other \d{3} can be read, but not searched\. Split the \w+ to have all of it found\.$/,
    ),
  ],
};

describe("whoever writes a document of more passages than are searched", () => {
  it("is told with a plan, when it is created and when it is changed", async () => {
    const { deps, project, scope } = await openWorkbench();
    const plan = await createPlan(deps, project, { title: "Numbers", content: LONG });
    expect(plan).toMatchObject(CUT);
    expect(await updatePlan(deps, scope, { id: plan.ref, status: "ACTIVE" })).toMatchObject(CUT);
    const short = await createPlan(deps, project, { title: "Few numbers" });
    expect(short).not.toHaveProperty("warnings");
    expect(await updatePlan(deps, scope, { id: short.ref, append: LONG })).toMatchObject(CUT);
  });

  it("is told with a plan that is a file", async () => {
    const { deps, project, scope } = await openWorkbench();
    const plan = await createPlan(deps, project, { title: "Numbers", content: LONG, asFile: true });
    expect(plan).toMatchObject(CUT);
    expect(await updatePlan(deps, scope, { id: plan.ref, status: "ACTIVE" })).toMatchObject(CUT);
  });

  it("is told with a session and with a pattern", async () => {
    const { deps, project, scope } = await openWorkbench();
    const session = await createSession(deps, project, { content: LONG });
    expect(session).toMatchObject(CUT);
    expect(await updateSession(deps, scope, { id: session.ref, append: "More." })).toMatchObject(CUT);
    expect(await learnPattern(deps, project, { title: "Numbers", content: LONG })).toMatchObject(CUT);
  });

  it("is told over HTTP", async () => {
    const service = await startService();
    await newProject(service.storage);
    const answer = await callOver(service, "any", "create_plan", { title: "Numbers", content: LONG });
    expect(await answer.text()).toMatch(/"warnings":\["Only its first 5,000 passages can be found;/);
  });
});
