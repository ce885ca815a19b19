import type { SessionUpdate } from "../../knowledge/write-session.ts";
import type { CliCommand } from "../command.ts";
import { readOption } from "../input.ts";
import { addNoRedact, addRevision, collect } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<id>", "ref, slug or id of the session, or latest")
      .option("--append <markdown>", "add this text at the end, or at the end of --section (- for stdin)")
      .option("--section <heading>", "the section that --append or --replace-section is about")
      .option("--replace-section <markdown>", "new text of --section (- for stdin)")
      .option("--status <word>", "active, paused, complete, abandoned")
      .option("--title <text>", "new title")
      .option("--plan <id>", "the plan that is worked on")
      .option("--add-file <path>", "a file that was worked on; may be given several times", collect)
      .option("--add-topic <topic>", "a further topic; may be given several times", collect);
    addNoRedact(addRevision(parser));
  },
  examples: [
    'aiknowsys update-session latest --append "Found the leak in pool.ts." --add-file lib/pool.ts',
    "aiknowsys update-session latest --status complete",
  ],
  run: async (call) => {
    const options = call.command.opts<Omit<SessionUpdate, "id">>();
    const append = await readOption(call.door, options.append);
    const replaceSection = await readOption(call.door, options.replaceSection);
    return withStore(call, async ({ deps, own }) => {
      const { updateSession } = await import("../../knowledge/write-session.ts");
      const [id = ""] = call.command.args;
      const session = await updateSession(deps, own, { ...options, append, replaceSection, id });
      printWritten(call.output, "Updated", session);
      return 0;
    });
  },
};
