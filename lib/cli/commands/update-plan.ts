import type { PlanUpdate } from "../../knowledge/write-plan.ts";
import type { CliCommand } from "../command.ts";
import { readOption } from "../input.ts";
import { addNoRedact, addRevision } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<id>", "ref, slug or id of the plan")
      .option("--status <word>", "PLANNED, ACTIVE, PAUSED, COMPLETE, CANCELLED, SUPERSEDED")
      .option("--title <text>", "new title")
      .option("--description <text>", "one line on what it is for")
      .option("--topics <list>", "topics, with commas between them; replaces the old ones")
      .option("--priority <word>", "high, medium, low")
      .option("--type <word>", "feature, refactor, bugfix, research, chore, other")
      .option("--author <name>", "who wrote it")
      .option("--append <markdown>", "add this text at the end, or at the end of --section (- for stdin)")
      .option("--section <heading>", "the section that --append or --replace-section is about")
      .option("--replace-section <markdown>", "new text of --section (- for stdin)");
    addNoRedact(addRevision(parser));
  },
  examples: [
    "aiknowsys update-plan PLAN_rework_login --status complete",
    'aiknowsys update-plan pln_k3v9t2qa --section Progress --append "- [x] tokens rotate"',
  ],
  run: async (call) => {
    const options = call.command.opts<Omit<PlanUpdate, "id">>();
    const append = await readOption(call.door, options.append);
    const replaceSection = await readOption(call.door, options.replaceSection);
    return withStore(call, async ({ deps, own }) => {
      const { updatePlan } = await import("../../knowledge/write-plan.ts");
      const [id = ""] = call.command.args;
      const plan = await updatePlan(deps, own, { ...options, append, replaceSection, id });
      printWritten(call.output, "Updated", plan);
      return 0;
    });
  },
};
