import type { MergeReport } from "../knowledge/merge-projects.ts";
import type { Call } from "./command.ts";
import { counted } from "./counted.ts";
import { withWholeStore } from "./store.ts";
import { asLine } from "./terminal-text.ts";

interface Options {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Merges one project into another and says what became of names. */
export function runMerge(call: Call): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { mergeProjects } = await import("../knowledge/merge-projects.ts");
    const [, from = "", into = ""] = call.command.args;
    const { yes = false, dryRun = false } = call.command.opts<Options>();
    const report = await mergeProjects(deps, { from, into, confirmed: yes, dryRun });
    if (call.output.json) call.output.printJson(report);
    else print(call, report);
    return 0;
  });
}

function print({ output }: Call, { dryRun, from, into, moved, joined, warnings }: MergeReport): void {
  const { plan, session, pattern, event } = moved;
  const what = [counted(plan, "plan"), counted(session, "session"), counted(pattern, "pattern")].join(", ");
  const did = dryRun ? "Would move" : "Moved";
  output.print(
    `${did} ${what} and ${counted(event, "event")} from ${asLine(from.name)} (${from.ref}) to ${asLine(into.name)} (${output.style("cyan", into.ref)}).`,
  );
  if (joined > 0) output.print(`In both: ${counted(joined, "row")}, kept as they are there.`);
  for (const { item, reason } of warnings) output.note(`  ${asLine(item)}: ${asLine(reason)}`);
  if (dryRun) output.note("Nothing was changed; say --yes to do it.");
}
