import { KnowledgeError } from "../../domain/error.ts";
import type { DoctorReport } from "../../knowledge/doctor.ts";
import type { Call, CliCommand } from "../command.ts";
import { EXIT_SOME_FAILED, EXIT_STATUS } from "../errors.ts";
import { loadSettings, withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser.option("--fix", "rebuild what can be rebuilt: indexes, term counts, vector codes");
  },
  examples: ["aiknowsys doctor", "aiknowsys doctor --fix --json"],
  run: async (call) => {
    try {
      return await withStore(
        call,
        async ({ deps }) => {
          const { doctor } = await import("../../knowledge/doctor.ts");
          const report = await doctor(deps, call.command.opts<{ fix?: boolean }>());
          printReport(call, report);
          return report.ok ? 0 : EXIT_SOME_FAILED;
        },
        { ddl: call.command.opts<{ fix?: boolean }>().fix === true },
      );
    } catch (thrown) {
      if (!(thrown instanceof KnowledgeError) || EXIT_STATUS[thrown.code] !== EXIT_STATUS.unavailable)
        throw thrown;
      printReport(call, await reportOfUnopened(call, thrown));
      return EXIT_STATUS[thrown.code];
    }
  },
};

/** The report on a store that cannot even be opened: the reason, what can be saved, what to do. */
async function reportOfUnopened(call: Call, problem: KnowledgeError): Promise<DoctorReport> {
  if (problem.code === "corrupt") {
    const { salvage } = await import("../../compose.ts");
    const { reportOfDamaged } = await import("../../knowledge/doctor-of-damaged.ts");
    const copy = call.command.opts<{ fix?: boolean }>().fix === true;
    const salvaged = await salvage(await loadSettings(call), { copy });
    if (salvaged !== undefined) return reportOfDamaged(problem, salvaged.saved, salvaged.into);
  }
  const { message, hint } = problem;
  return {
    ok: false,
    checks: [{ name: "store", ok: false, detail: message, ...(hint !== undefined && { advice: hint }) }],
    fixed: [],
  };
}

function printReport({ output }: Call, report: DoctorReport): void {
  if (output.json) {
    output.printJson(report);
    return;
  }
  for (const { name, ok, severity, detail, advice } of report.checks) {
    const mark = ok
      ? output.style("green", "ok     ")
      : severity === "warning"
        ? output.style("yellow", "warning")
        : output.style("red", "problem");
    output.print(`${mark}  ${name}: ${asLine(detail)}`);
    if (advice !== undefined) output.print(`         ${asLine(advice)}`);
  }
  for (const done of report.fixed) output.print(`fixed    ${asLine(done)}`);
  const isQuiet = report.checks.every(({ ok }) => ok);
  output.print(
    isQuiet
      ? "Everything is in order."
      : report.ok
        ? "The store is sound, but not everything is in order; see the warnings above."
        : "Something needs attention; see above.",
  );
}
