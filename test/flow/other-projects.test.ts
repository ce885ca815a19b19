import { describe, expect, it } from "vitest";
import { queryPlans } from "../../lib/knowledge/query.ts";
import { createPlan } from "../../lib/knowledge/write-plan.ts";
import { answerCall } from "../../mcp-server/answer-call.ts";
import { toolsOf } from "../../mcp-server/tools.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { openWorkbench } from "../helpers/knowledge.ts";
import { projectDraft } from "../helpers/store.ts";

async function makeTwoProjects() {
  const { type } = makeCommandLine();
  await type(["create-plan", "--title", "Own"]);
  const made = async (args: readonly string[]) =>
    JSON.parse((await type([...args, "--json"], { in: "harbour" })).out);
  const plan = await made(["create-plan", "--title", "Rebuild the pier"]);
  const session = await made(["create-session", "--title", "Depth survey"]);
  const event = await made(["record-event", "--type", "note", "--data", '{"text":"High tide"}']);
  return { type, plan, session, event };
}

describe("writes with --all-projects", () => {
  it.each([
    ["update-plan", "plan", ["--status", "complete"]],
    ["update-session", "session", ["--append", "more"]],
    ["retract", "event", ["--why", "wrong"]],
    ["delete", "plan", []],
  ] as const)(
    "%s leaves another project's row alone and says how to reach it",
    async (command, kind, rest) => {
      const { type, [kind]: row } = await makeTwoProjects();
      const refused = await type([command, row.ref, ...rest, "--all-projects"]);
      expect(refused).toMatchObject({ status: 3, out: "" });
      expect(refused.err).toMatch(
        /" in this project\.\nIt is in harbour: add --project prj_[a-z2-7]{8}\.\n$/,
      );
      const seen = JSON.parse((await type(["show", row.ref, "--all-projects", "--json"])).out);
      expect(seen.revision).toBe(1);
      const [project = ""] = /prj_\w+/.exec(refused.err) ?? [];
      expect((await type([command, row.ref, ...rest, "--project", project])).status).toBe(0);
    },
  );

  it("change the current project's row", async () => {
    const { type } = await makeTwoProjects();
    expect((await type(["update-plan", "PLAN_own", "--status", "active", "--all-projects"])).status).toBe(0);
  });

  it("are held to the server's project over MCP too", async () => {
    const { deps, root } = await openWorkbench();
    const other = await deps.storage.projects.register(projectDraft({ name: "Other" }));
    const plan = await createPlan(deps, other, { title: "Theirs" });
    const options = {
      version: "1",
      profile: "full",
      log: deps.log,
      opener: { open: async () => ({ deps, close: async () => undefined }), close: async () => undefined },
      config: () => ({ cwd: root, userHome: "/", project: undefined, allProjects: true }),
    } as const;
    const call = async (name: string, args: object) => {
      const tool = toolsOf("full").find((one) => one.name === name);
      if (tool === undefined) throw new Error(`There is no tool ${name}.`);
      // SAFETY: an answer takes no other setting than these.
      const given = options as unknown as Parameters<typeof answerCall>[0];
      const signal = new AbortController().signal;
      const { isError, content } = await answerCall(given, tool, args, { client: undefined, signal });
      const [first] = content;
      return { isError, text: first?.type === "text" ? first.text : "" };
    };
    expect(await call("get_document", { id: plan.ref })).not.toMatchObject({ isError: true });
    expect(await call("update_plan", { id: plan.ref, status: "ACTIVE" })).toEqual({
      isError: true,
      text: `Error (not_found): No plan "${plan.ref}" in this project.\nIt is in Other: add the argument project ${other.ref}.`,
    });
    const { plans } = await queryPlans(deps, { project: other, projects: [other] }, {});
    expect(plans).toMatchObject([{ status: "PLANNED", revision: 1 }]);
  });
});
