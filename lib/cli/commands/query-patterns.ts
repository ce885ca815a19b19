import type { Pattern } from "../../domain/pattern.ts";
import type { PatternQuery } from "../../knowledge/query.ts";
import type { CliCommand } from "../command.ts";
import { callerZone, renderDay } from "../dates.ts";
import { addPaging } from "../options.ts";
import { withStore } from "../store.ts";
import type { Column } from "../table.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--category <name>", "of this category, such as reference")
      .option("--topic <text>", "the title or a trigger contains it");
    addPaging(parser);
  },
  examples: ["aiknowsys query-patterns", "aiknowsys query-patterns --topic testing --json"],
  run: (call) =>
    withStore(call, async (opened) => {
      const { queryPatterns } = await import("../../knowledge/query.ts");
      const answer = await queryPatterns(opened.deps, opened.scope, call.command.opts<PatternQuery>());
      if (call.output.json) call.output.printJson(answer);
      else {
        const { printPage } = await import("../page.ts");
        printPage(call.output, opened, { ...answer, rows: answer.patterns }, view(callerZone(undefined)));
      }
      return 0;
    }),
};

function view(zone: string) {
  const columns: readonly Column<Pattern>[] = [
    { title: "REF", cell: ({ ref }) => ref },
    { title: "CATEGORY", cell: ({ category }) => category ?? "" },
    { title: "UPDATED", cell: ({ updatedAt }) => renderDay(updatedAt, zone) },
    { title: "TITLE", cell: ({ title }) => title, flexible: true },
    { title: "TRIGGERS", cell: ({ triggers }) => triggers.join(", "), minor: true },
  ];
  return {
    one: "pattern",
    many: "patterns",
    columns,
    widen: "Leave out a filter, or keep a lesson with `aiknowsys learn`.",
  };
}
