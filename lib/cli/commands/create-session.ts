import type { SessionInput } from "../../knowledge/write-session.ts";
import type { CliCommand } from "../command.ts";
import { callerZone } from "../dates.ts";
import { readText } from "../input.ts";
import { addContent, addNoRedact, addTimezone } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    addContent(parser)
      .option("--title <text>", "the session's title (default: Session and its date)")
      .option("--date <date>", "the day it is of (default: today)")
      .option("--plan <id>", "the plan that is worked on")
      .option("--topics <list>", "topics, with commas between them")
      .option("--status <word>", "active (default), paused, complete, abandoned")
      .option("--author <name>", "who works")
      .option("--as-file", "keep it as a markdown file of the project (default by the setting documents)");
    addNoRedact(addTimezone(parser));
  },
  examples: [
    'aiknowsys create-session --title "Rotate tokens" --plan PLAN_rework_login',
    "aiknowsys create-session --date yesterday - < notes.md",
  ],
  run: async (call) => {
    const options = call.command.opts<SessionInput & { file?: string; timezone?: string }>();
    const content = await readText(call.door, { ...options, input: call.command.args[0] });
    return withStore(call, async ({ deps, project }) => {
      const { createSession } = await import("../../knowledge/write-session.ts");
      const timezone = callerZone(options.timezone);
      const session = await createSession(deps, await project(), { ...options, content, timezone });
      printWritten(call.output, "Created", session);
      return 0;
    });
  },
};
