import type { Plan } from "../../domain/plan.ts";
import type { PlanQuery } from "../../knowledge/query.ts";
import type { CliCommand } from "../command.ts";
import { callerZone, renderDay, zoneForDates } from "../dates.ts";
import { addPaging, addTimezone } from "../options.ts";
import { withStore } from "../store.ts";
import type { Column } from "../table.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--status <list>", "PLANNED, ACTIVE, PAUSED, COMPLETE, CANCELLED, SUPERSEDED")
      .option("--author <name>", "written by")
      .option("--topic <text>", "a topic or the title contains it")
      .option("--priority <list>", "high, medium, low")
      .option("--type <list>", "feature, refactor, bugfix, research, chore, other")
      .option("--updated-after <date>", "changed on or after, such as 2026-02-14 or 'last week'")
      .option("--updated-before <date>", "changed before")
      .option("--sort <key>", "updated (default), created, title, priority, status");
    addTimezone(addPaging(parser));
  },
  examples: [
    "aiknowsys query-plans --status active",
    "aiknowsys query-plans --updated-after 'last week' --sort priority --json",
  ],
  run: (call) =>
    withStore(call, async (opened) => {
      const { queryPlans } = await import("../../knowledge/query.ts");
      const options = call.command.opts<PlanQuery & { timezone?: string }>();
      const timezone = zoneForDates(options.timezone, [options.updatedAfter, options.updatedBefore]);
      const answer = await queryPlans(opened.deps, opened.scope, { ...options, timezone });
      if (call.output.json) call.output.printJson(answer);
      else {
        const { printPage } = await import("../page.ts");
        printPage(call.output, opened, { ...answer, rows: answer.plans }, view(callerZone(timezone)));
      }
      return 0;
    }),
};

function view(zone: string) {
  const columns: readonly Column<Plan>[] = [
    { title: "REF", cell: ({ ref }) => ref },
    { title: "STATUS", cell: ({ status }) => status },
    { title: "PRIORITY", cell: ({ priority }) => priority ?? "" },
    { title: "UPDATED", cell: ({ updatedAt }) => renderDay(updatedAt, zone) },
    { title: "TITLE", cell: ({ title }) => title, flexible: true },
    { title: "TOPICS", cell: ({ topics }) => topics.join(", "), minor: true },
  ];
  return {
    one: "plan",
    many: "plans",
    columns,
    widen: "Leave out a filter, or search with `aiknowsys search`.",
  };
}
