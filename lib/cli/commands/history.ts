import type { HistoryEntry } from "../../domain/change.ts";
import type { CliCommand } from "../command.ts";
import { callerZone, renderMoment } from "../dates.ts";
import { addTimezone } from "../options.ts";
import type { Output } from "../output.ts";
import { withStore } from "../store.ts";
import { type Column, renderTable } from "../table.ts";
import { asLine, cutToColumns } from "../terminal-text.ts";

interface Options {
  readonly asOf?: string;
  readonly timezone?: string;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<id>", "ref, slug or id of a plan, session, pattern or event")
      .option("--as-of <date>", "also show it as it was then");
    addTimezone(parser);
  },
  examples: ["aiknowsys history pln_k3v9t2qa", "aiknowsys history PLAN_rework_login --as-of yesterday"],
  run: (call) =>
    withStore(call, async ({ deps, scope }) => {
      const { getHistory } = await import("../../knowledge/history.ts");
      const { output } = call;
      const [id = ""] = call.command.args;
      const { asOf, timezone } = call.command.opts<Options>();
      const zone = callerZone(timezone);
      const history = await getHistory(deps, scope, { id, asOf, timezone: zone });
      if (output.json) {
        output.printJson(history);
        return 0;
      }
      const emphasise = (text: string): string => output.style("bold", text);
      output.print(emphasise(narrow(output, asLine(history.title))));
      output.print(`${history.kind} ${output.style("cyan", history.ref)}\n`);
      output.print(renderTable(columns(zone), history.entries, { width: output.width, emphasise }));
      for (const { at, actor, batch } of history.imports ?? []) {
        output.print(`Came by an import of ${renderMoment(at, zone)}, ${asLine(actor)}: batch ${batch}`);
      }
      if (history.asOf !== undefined) {
        output.print(
          `\nRevision ${history.asOf.revision}, as it was on ${renderMoment(history.asOf.at, zone)}:\n`,
        );
        output.printText(history.asOf.row.content ?? JSON.stringify(history.asOf.row, null, 2));
      }
      return 0;
    }),
};

function narrow(output: Output, text: string): string {
  return output.width === undefined ? text : cutToColumns(text, output.width);
}

function columns(zone: string): readonly Column<HistoryEntry>[] {
  return [
    { title: "REVISION", cell: ({ revision }) => String(revision), right: true },
    { title: "WHEN", cell: ({ at }) => renderMoment(at, zone) },
    { title: "WHAT", cell: ({ operation }) => operation },
    { title: "WHO", cell: ({ actor }) => actor, flexible: true },
    { title: "BATCH", cell: ({ batch }) => batch ?? "", minor: true },
  ];
}
