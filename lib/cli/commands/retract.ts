import type { CliCommand } from "../command.ts";
import { withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<id>", "ref or id of the event")
      .requiredOption("--why <text>", "what was wrong with it");
  },
  examples: ['aiknowsys retract evt_q7m2c5xa --why "measured on the wrong branch"'],
  run: (call) =>
    withStore(call, async ({ deps, own }) => {
      const { retract } = await import("../../knowledge/retract.ts");
      const [id = ""] = call.command.args;
      const event = await retract(deps, own, { id, why: call.command.opts<{ why: string }>().why });
      if (call.output.json) call.output.printJson(event);
      else call.output.print(`Retracted ${call.output.style("cyan", event.ref)}: ${asLine(event.summary)}`);
      return 0;
    }),
};
