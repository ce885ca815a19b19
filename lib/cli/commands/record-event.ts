import type { EventInput } from "../../knowledge/record-event.ts";
import type { CliCommand } from "../command.ts";
import { zoneForDates } from "../dates.ts";
import { readOption } from "../input.ts";
import { addNoRedact, addTimezone } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .requiredOption("--type <type>", "such as decision_made, bug_encountered, task_completed, note")
      .requiredOption("--data <json>", "the fact as a JSON object (- for stdin)")
      .option("--summary <text>", "one line (default: made from the data)")
      .option("--tags <list>", "tags, with commas between them")
      .option("--plan <id>", "the plan it belongs to")
      .option("--session <id>", "the session it belongs to")
      .option("--files <list>", "files it is about, with commas between them")
      .option("--commit <hash>", "the commit it belongs to")
      .option("--supersedes <id>", "the event that this one replaces")
      .option("--author <name>", "who says so")
      .option("--agent <name>", "the assistant or program that records it")
      .option("--occurred-at <date>", "when it happened (default: now)");
    addNoRedact(addTimezone(parser));
  },
  examples: [
    `aiknowsys record-event --type decision_made --data '{"decision": "Use WAL mode", "rationale": "many readers"}'`,
    "aiknowsys record-event --type bug_encountered --data - --tags storage < bug.json",
  ],
  run: async (call) => {
    const options = call.command.opts<EventInput & { data: string; timezone?: string }>();
    const data = await readOption(call.door, options.data);
    return withStore(call, async ({ deps, project }) => {
      const { recordEvent } = await import("../../knowledge/record-event.ts");
      const timezone = zoneForDates(options.timezone, [options.occurredAt]);
      const event = await recordEvent(deps, await project(), { ...options, data, timezone });
      printWritten(call.output, "Recorded", { ...event, title: event.summary });
      return 0;
    });
  },
};
