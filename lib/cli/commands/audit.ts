import { resolve } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";
import type { AuditReport, ChainReport } from "../../knowledge/verify-audit.ts";
import type { Call, CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { EXIT_SOME_FAILED } from "../errors.ts";
import { outputNamed } from "../standard-streams.ts";
import { withWholeStore } from "../store.ts";
import { type Column, renderTable } from "../table.ts";
import { asLine } from "../terminal-text.ts";

interface Options {
  readonly verify?: boolean;
  readonly against?: string;
  readonly export?: string;
  readonly force?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--verify", "prove that no sealed line of the logs was removed or altered")
      .option("--against <file>", "with --verify: nothing of an earlier export either")
      .option("--export <file>", "write calls, changes and seals as JSON Lines; - for stdout")
      .option("--force", "with --export: replace a file that is no exported audit");
  },
  examples: [
    "aiknowsys audit --verify",
    "aiknowsys audit --export audit-2026-03.jsonl.gz",
    "aiknowsys audit --verify --against audit-2026-03.jsonl.gz",
  ],
  run: (call) => {
    const { verify, against, export: output, force } = call.command.opts<Options>();
    if ((verify ?? false) === (output !== undefined) || (against !== undefined && verify !== true)) {
      throw new KnowledgeError("invalid_input", "audit either verifies or exports.", {
        field: "verify",
        hint: "Give --verify (with --against <file> if you like), or --export <file>.",
      });
    }
    return output === undefined ? verifyLogs(call, against) : exportLogs(call, output, force);
  },
};

function verifyLogs(call: Call, against: string | undefined): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { verifyAudit } = await import("../../knowledge/verify-audit.ts");
    const kept = against === undefined ? undefined : resolve(call.door.cwd, against);
    const report = await verifyAudit(deps, { against: kept });
    if (call.output.json) call.output.printJson(report);
    else printReport(call, report);
    return report.ok ? 0 : EXIT_SOME_FAILED;
  });
}

function exportLogs(call: Call, name: string, force: boolean | undefined): Promise<number> {
  return withWholeStore(call, async (deps) => {
    const { exportAudit } = await import("../../knowledge/audit-file.ts");
    const report = await exportAudit(deps, { output: outputNamed(name, call), force });
    if (call.output.json) call.output.printJson(report);
    else {
      const { calls, changes, seals } = report;
      const what = `${counted(calls, "call")}, ${counted(changes, "change")} and ${counted(seals, "seal")}`;
      const say = name === "-" ? call.output.note : call.output.print;
      say(`Wrote ${what} to ${asLine(name)}.`);
    }
    return 0;
  });
}

function printReport({ output }: Call, report: AuditReport): void {
  const { ok, sealed, unsealed, importedUnproved, against, chains } = report;
  const emphasise = (text: string): string => output.style("bold", text);
  if (chains.length > 0) output.print(renderTable(COLUMNS, chains, { width: output.width, emphasise }));
  for (const { log, project, broken } of chains)
    for (const { fromSeq, toSeq, why } of broken)
      output.print(`${log} ${fromSeq} to ${toSeq} of project ${project}: ${why}.`);
  output.print(
    ok
      ? `${counted(sealed, "line")} as they were sealed.`
      : "Not everything is as it was sealed: compare with a backup.",
  );
  if (ok && against !== undefined) output.print(`${counted(against.seals, "seal")} of the export stand.`);
  if (unsealed > 0) output.note(`${counted(unsealed, "line")} not sealed yet: nothing is proved of them.`);
  if (importedUnproved > 0) output.note(`${counted(importedUnproved, "imported line")}: ${UNPROVED}`);
  output.note(ROWS_APART);
}

const UNPROVED = "the seals that came with them do not stand here as a whole, so nothing is proved of them.";
const ROWS_APART = "This proves the logs. Whether the rows are what the logs say, `aiknowsys doctor` tells.";

const COLUMNS: readonly Column<ChainReport>[] = [
  { title: "LOG", cell: ({ log }) => log },
  { title: "PROJECT", cell: ({ project }) => project },
  { title: "SEALED", cell: ({ sealed }) => String(sealed), right: true },
  { title: "UNSEALED", cell: ({ unsealed }) => String(unsealed), right: true },
  { title: "IMPORTED", cell: ({ imported }) => (imported === 0 ? "" : String(imported)), right: true },
  { title: "BROKEN", cell: ({ broken }) => (broken.length === 0 ? "" : String(broken.length)), right: true },
  { title: "NEWEST SEAL", cell: ({ head }) => head?.hash ?? "", flexible: true },
];
