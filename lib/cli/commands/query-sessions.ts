import type { Session } from "../../domain/session.ts";
import type { SessionQuery } from "../../knowledge/query.ts";
import type { CliCommand } from "../command.ts";
import { zoneForDates } from "../dates.ts";
import { addPaging, addTimezone } from "../options.ts";
import { withStore } from "../store.ts";
import type { Column } from "../table.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--date <date>", "of this day: today, yesterday, 2026-02-14, 'last week'")
      .option("--date-after <date>", "of this day or later")
      .option("--date-before <date>", "of this day or earlier")
      .option("--days <n>", "of the last n days, today included")
      .option("--topic <text>", "a topic or the title contains it")
      .option("--plan <id>", "of this plan")
      .option("--status <list>", "active, paused, complete, abandoned");
    addTimezone(addPaging(parser));
  },
  examples: ["aiknowsys query-sessions --days 7", "aiknowsys query-sessions --date yesterday --json"],
  run: (call) =>
    withStore(call, async (opened) => {
      const { querySessions } = await import("../../knowledge/query.ts");
      const options = call.command.opts<SessionQuery & { timezone?: string }>();
      const timezone = zoneForDates(options.timezone, [
        options.date,
        options.dateAfter,
        options.dateBefore,
        options.days,
      ]);
      const answer = await querySessions(opened.deps, opened.scope, { ...options, timezone });
      if (call.output.json) call.output.printJson(answer);
      else {
        const { printPage } = await import("../page.ts");
        printPage(call.output, opened, { ...answer, rows: answer.sessions }, VIEW);
      }
      return 0;
    }),
};

const COLUMNS: readonly Column<Session>[] = [
  { title: "REF", cell: ({ ref }) => ref },
  { title: "DATE", cell: ({ date }) => date },
  { title: "STATUS", cell: ({ status }) => status },
  { title: "TITLE", cell: ({ title }) => title, flexible: true },
  { title: "PLAN", cell: ({ plan }) => plan ?? "", minor: true },
  { title: "TOPICS", cell: ({ topics }) => topics.join(", "), minor: true },
];

const VIEW = {
  one: "session",
  many: "sessions",
  columns: COLUMNS,
  widen: "Leave out a filter, or search with `aiknowsys search`.",
};
