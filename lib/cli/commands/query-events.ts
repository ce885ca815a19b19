import type { Event } from "../../domain/event.ts";
import type { EventQuery } from "../../knowledge/query.ts";
import type { CliCommand } from "../command.ts";
import { callerZone, renderMoment, zoneForDates } from "../dates.ts";
import { addPaging, addTimezone } from "../options.ts";
import { withStore } from "../store.ts";
import type { Column } from "../table.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--type <list>", "such as decision_made, bug_encountered, note")
      .option("--after <date>", "happened on or after")
      .option("--before <date>", "happened before")
      .option("--tag <tag>", "with this tag")
      .option("--plan <id>", "of this plan")
      .option("--session <id>", "of this session")
      .option("--include-superseded", "also events that were replaced or taken back");
    addTimezone(addPaging(parser));
  },
  examples: [
    "aiknowsys query-events --type decision_made --after 'last month'",
    "aiknowsys query-events --tag storage --include-superseded --json",
  ],
  run: (call) =>
    withStore(call, async (opened) => {
      const { queryEvents } = await import("../../knowledge/query.ts");
      const options = call.command.opts<EventQuery & { timezone?: string }>();
      const timezone = zoneForDates(options.timezone, [options.after, options.before]);
      const answer = await queryEvents(opened.deps, opened.scope, { ...options, timezone });
      if (call.output.json) call.output.printJson(answer);
      else {
        const { printPage } = await import("../page.ts");
        printPage(call.output, opened, { ...answer, rows: answer.events }, view(callerZone(timezone)));
      }
      return 0;
    }),
};

function view(zone: string) {
  const columns: readonly Column<Event>[] = [
    { title: "REF", cell: ({ ref }) => ref },
    { title: "WHEN", cell: ({ occurredAt }) => renderMoment(occurredAt, zone) },
    { title: "TYPE", cell: ({ type }) => type },
    { title: "SUMMARY", cell: ({ summary }) => summary, flexible: true },
    { title: "TAGS", cell: ({ tags }) => tags.join(", "), minor: true },
    { title: "STATE", cell: stateOf },
  ];
  return { one: "event", many: "events", columns, widen: "Leave out a filter, or add --include-superseded." };
}

function stateOf(event: Event): string {
  if (event.retractedAt !== undefined) return "retracted";
  return event.supersededBy === undefined ? "" : "superseded";
}
