import { describe, expect, it } from "vitest";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { resumeWork } from "../../lib/knowledge/resume.ts";
import { createPlan } from "../../lib/knowledge/write-plan.ts";
import { estimateTokens } from "../../lib/ranking/budget.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

const GIANT = `Move ${"one pile and then another ".repeat(400)}`;

describe("the budget of a resume", () => {
  it("is not eaten up by one giant task: that one is cut, and the others follow", async () => {
    const { deps, project } = await openWorkbench();
    const content = `# Pier\n\n- [ ] Order piles\n- [ ] ${GIANT}\n- [ ] Paint the crane\n- [ ] Call the harbour master\n`;
    await createPlan(deps, project, { title: "Pier", content, status: "ACTIVE" });
    const { openTasks, omitted } = await resumeWork(deps, project);
    expect(omitted).toBe(0);
    expect(openTasks.map(({ task }) => task)).toEqual([
      "Order piles",
      expect.stringMatching(/^Move one pile and then another [^…]*…$/),
      "Paint the crane",
      "Call the harbour master",
    ]);
  });

  it("leaves room for the rest beside long titles and summaries, down to the least budget", async () => {
    const { deps, project } = await openWorkbench();
    const title = GIANT.slice(0, 900);
    for (const at of [1, 2]) await createPlan(deps, project, { title: `${at} ${title}`, status: "ACTIVE" });
    await recordEvent(deps, project, { type: "bug_encountered", data: { symptom: "leak" }, summary: title });
    await recordEvent(deps, project, { type: "decision_made", data: { decision: "steel" } });
    for (const maxTokens of [200, 400, 1_500]) {
      const resume = await resumeWork(deps, project, { maxTokens });
      expect(estimateTokens(JSON.stringify(resume)), String(maxTokens)).toBeLessThanOrEqual(maxTokens);
      if (maxTokens < 1_500) continue;
      expect(resume.omitted).toBe(0);
      expect(resume.recentDecisions).toMatchObject([{ summary: "steel" }]);
      expect(resume.recentFailures[0]?.summary.endsWith("…")).toBe(true);
    }
  });

  it("passes over a single item that does not fit, and says how many it left out", async () => {
    const { deps, project } = await openWorkbench();
    const author = "Somebody with a name";
    const long = { author, summary: "A ".repeat(60) };
    await recordEvent(deps, project, { type: "decision_made", data: { decision: "short" } });
    for (let at = 0; at < 6; at++)
      await recordEvent(deps, project, { type: "decision_made", data: { decision: "x" }, ...long });
    const seen = [];
    for (let maxTokens = 200; maxTokens < 400; maxTokens += 10) {
      const { recentDecisions, omitted } = await resumeWork(deps, project, { maxTokens });
      expect(recentDecisions.length + omitted).toBe(7);
      if (omitted > 0) seen.push(...recentDecisions.map(({ summary }) => summary));
    }
    expect(seen).toContain("short");
  });
});
