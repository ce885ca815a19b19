import type { PlanInput } from "../../knowledge/write-plan.ts";
import type { CliCommand } from "../command.ts";
import { readText } from "../input.ts";
import { addContent, addNoRedact } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser.requiredOption("--title <text>", "the plan's title");
    addContent(parser)
      .option("--description <text>", "one line on what it is for")
      .option("--topics <list>", "topics, with commas between them")
      .option("--priority <word>", "high, medium, low")
      .option("--type <word>", "feature, refactor, bugfix, research, chore, other")
      .option("--author <name>", "who wrote it")
      .option("--status <word>", "PLANNED (default), ACTIVE, PAUSED, COMPLETE, CANCELLED, SUPERSEDED");
    parser.option(
      "--as-file",
      "keep it as a markdown file of the project (default by the setting documents)",
    );
    addNoRedact(parser);
  },
  examples: [
    'aiknowsys create-plan --title "Rework login" --topics auth,security --priority high',
    'aiknowsys create-plan --title "Rework login" --file plan.md',
    'aiknowsys create-plan --title "Rework login" - < plan.md',
  ],
  run: async (call) => {
    const options = call.command.opts<PlanInput & { file?: string }>();
    const content = await readText(call.door, { ...options, input: call.command.args[0] });
    return withStore(call, async ({ deps, project }) => {
      const { createPlan } = await import("../../knowledge/write-plan.ts");
      const plan = await createPlan(deps, await project(), { ...options, content });
      printWritten(call.output, "Created", plan);
      return 0;
    });
  },
};
