import type { CliCommand } from "../command.ts";
import { addRevision } from "../options.ts";
import { withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    addRevision(parser.argument("<id>", "ref, slug or id of a plan, session, pattern or event"));
  },
  examples: ["aiknowsys delete pln_k3v9t2qa"],
  run: (call) =>
    withStore(call, async ({ deps, own }) => {
      const { deleteRow } = await import("../../knowledge/delete-row.ts");
      const [id = ""] = call.command.args;
      const deleted = await deleteRow(deps, own, { id, ...call.command.opts<{ revision?: string }>() });
      if (call.output.json) call.output.printJson(deleted);
      else {
        call.output.print(
          `Deleted ${deleted.kind} ${call.output.style("cyan", deleted.ref)}: ${asLine(deleted.title)}`,
        );
        call.output.note("Its history is kept; a file it came from is not touched.");
      }
      return 0;
    }),
};
