import { number, text } from "../read-arguments.ts";
import { COMMON, PAGED, readTool, writeTool } from "../tool.ts";
import { PROJECT_OUTPUT, pageOutput, REPORT_OUTPUT } from "./output.ts";

export const indexWorkspaceTool = writeTool({
  name: "index_workspace",
  title: "Index workspace",
  description:
    "Read the markdown files of the project's folder into the store, after files changed outside of it. To write a single plan or session use create_plan, create_session.",
  properties: {
    plans: { type: "string", description: "glob of files that are plans" },
    sessions: { type: "string" },
    patterns: { type: "string" },
    ...COMMON,
  },
  required: [],
  output: REPORT_OUTPUT,
  idempotent: true,
  readsFolder: true,
  run: async ({ deps, project, cwd, signal }, args) => {
    const { indexWorkspace } = await import("../../lib/knowledge/index-workspace.ts");
    const { rootOf } = await import("../project-root.ts");
    const owner = await project();
    return indexWorkspace(deps, owner, {
      root: rootOf(owner, cwd),
      plans: text(args, "plans"),
      sessions: text(args, "sessions"),
      patterns: text(args, "patterns"),
      signal,
    });
  },
});

export const listProjectsTool = readTool({
  name: "list_projects",
  title: "List projects",
  description:
    "The projects in the store, by name, with how many rows each holds. For one project's embedding and index figures use project_stats.",
  properties: PAGED,
  required: [],
  output: pageOutput("projects"),
  worksAnywhere: true,
  run: async ({ deps, maxTokens }, args) => {
    const { pageOfProjects } = await import("../projects.ts");
    const { fitPage } = await import("../page.ts");
    const cursor = text(args, "cursor");
    return fitPage("projects", { limit: number(args, "limit"), maxTokens }, (limit) =>
      pageOfProjects(deps, { limit, cursor }),
    );
  },
});

export const projectStatsTool = readTool({
  name: "project_stats",
  title: "Project figures",
  description:
    "One project's rows by kind, last write, embedding coverage and index lag. For the store as a whole use get_status.",
  properties: COMMON,
  required: [],
  output: PROJECT_OUTPUT,
  run: async ({ deps, scope }) => {
    const { statsOf } = await import("../projects.ts");
    return statsOf(deps, scope.project);
  },
});
