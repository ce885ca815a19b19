import type { ListedProject } from "../../knowledge/project-list.ts";
import { type Actions, runAction } from "../actions.ts";
import type { Call, CliCommand } from "../command.ts";
import { callerZone, renderDay } from "../dates.ts";
import { withWholeStore } from "../store.ts";
import { type Column, renderTable } from "../table.ts";
import { asLine } from "../terminal-text.ts";

const ACTIONS: Actions = {
  list: { given: [], run: list },
  rename: { given: ["project", "name"], run: rename },
  merge: { given: ["from", "into"], run: async (call) => (await import("../merge-run.ts")).runMerge(call) },
  delete: { given: ["project"], run: remove },
  "forget-copy": { given: ["project", "copy"], run: forget },
};

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<action>", "list, rename, merge, delete or forget-copy")
      .argument("[which]", "ref, name or id of the project")
      .argument(
        "[name]",
        "rename: its new name; merge: the project that it goes into; forget-copy: the folder or mark",
      )
      .option("--dry-run", "merge: only tell what would be done")
      .option("--yes", "merge, delete: with everything that it holds");
  },
  examples: [
    "aiknowsys project list",
    'aiknowsys project rename prj_k3v9t2qa "Harbour app"',
    "aiknowsys project merge prj_k3v9t2qa prj_m4x7b2wd --dry-run",
    "aiknowsys project delete prj_k3v9t2qa --yes",
    "aiknowsys project forget-copy prj_k3v9t2qa /home/ada/harbour",
  ],
  run: (call) => runAction(call, ACTIONS),
};

function list(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { listProjects } = await import("../../knowledge/project-list.ts");
    const { output } = call;
    const projects = await listProjects(deps);
    if (output.json) output.printJson({ count: projects.length, projects });
    else if (projects.length === 0)
      output.note("The store holds no project yet: run `aiknowsys index` in a project's folder.");
    else {
      const emphasise = (text: string): string => output.style("bold", text);
      output.print(renderTable(columns(callerZone(undefined)), projects, { width: output.width, emphasise }));
    }
    return 0;
  });
}

function rename(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { renameProject } = await import("../../knowledge/project-list.ts");
    const { output } = call;
    const [, id = "", name = ""] = call.command.args;
    const project = await renameProject(deps, { id, name });
    if (output.json) output.printJson(project);
    else output.print(`Renamed ${output.style("cyan", project.ref)}: ${asLine(project.name)}`);
    return 0;
  });
}

function remove(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { deleteProject } = await import("../../knowledge/project-list.ts");
    const { output } = call;
    const { yes = false } = call.command.opts<{ yes?: boolean }>();
    const project = await deleteProject(deps, { id: call.command.args[1] ?? "", confirmed: yes });
    if (output.json) output.printJson(project);
    else output.print(`Deleted ${output.style("cyan", project.ref)}: ${asLine(project.name)}`);
    return 0;
  });
}

function forget(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { countOf, forgetCopy } = await import("../../knowledge/forget-gone-roots.ts");
    const { output } = call;
    const [, project = "", copy = ""] = call.command.args;
    const forgotten = await forgetCopy(deps, { project, copy });
    if (output.json) output.printJson(forgotten);
    else
      output.print(
        `Forgot ${asLine(copy)}; ${countOf(forgotten.removed)} that only it held left the store, with their history kept.`,
      );
    return 0;
  });
}

function columns(zone: string): readonly Column<ListedProject>[] {
  const count = (title: string, of: keyof ListedProject["counts"]): Column<ListedProject> => ({
    ...{ title, right: true, cell: ({ counts }) => String(counts[of]) },
  });
  return [
    { title: "REF", cell: ({ ref }) => ref },
    { title: "NAME", cell: ({ name }) => name, flexible: true },
    ...[count("PLANS", "plans"), count("SESSIONS", "sessions"), count("PATTERNS", "patterns")],
    count("EVENTS", "events"),
    { title: "LAST WRITE", cell: ({ lastWriteAt = "" }) => lastWriteAt && renderDay(lastWriteAt, zone) },
    { title: "FOLDERS", cell: ({ roots }) => roots.join(", "), flexible: true, minor: true },
  ];
}
