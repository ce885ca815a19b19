import { resolve } from "node:path";
import { parseChoice } from "../../domain/vocabulary.ts";
import type { ImportFromReport } from "../../knowledge/import-from/import-from.ts";
import type { Call, CliCommand } from "../command.ts";
import { addNoRedact } from "../options.ts";
import { type Opened, withStore } from "../store.ts";
import { printTransferReport, runWatched, type Watched } from "../transfer-report.ts";

interface Options {
  readonly dryRun?: boolean;
  readonly only?: string;
  readonly redact?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<tool>", "aiknowsys-0.10, basic-memory, claude-mem, server-memory or beads")
      .argument("<path>", "the tool's file or folder, which is only read")
      .option("--dry-run", "read and check everything, write nothing")
      .option("--only <name>", "take only what the tool says belongs to this project of its own");
    addNoRedact(parser);
  },
  examples: [
    "aiknowsys import-from aiknowsys-0.10 .aiknowsys/knowledge.db --dry-run",
    "aiknowsys import-from basic-memory ~/basic-memory",
    "aiknowsys import-from claude-mem ~/.claude-mem --only my-project",
    "aiknowsys import-from server-memory memory.jsonl",
    "aiknowsys import-from beads .beads/issues.jsonl --json",
  ],
  run: (call) =>
    withStore(call, (opened) =>
      runWatched(call, {
        label: "Records",
        run: (watched) => importInto(call, opened, watched),
        print: printReport,
      }),
    ),
};

async function importInto(call: Call, opened: Opened, watched: Watched): Promise<ImportFromReport> {
  const { PEERS } = await import("../../knowledge/import-from/finding.ts");
  const { importFrom } = await import("../../knowledge/import-from/import-from.ts");
  const { openPeerTables } = await import("../../compose.ts");
  const [tool = "", path = ""] = call.command.args;
  const peer = parseChoice("tool", tool, PEERS);
  const { dryRun = false, only, redact } = call.command.opts<Options>();
  // A dry run registers no project.
  const project = dryRun ? opened.scope.project : await opened.project();
  const from = { peer, path: resolve(call.door.cwd, path), openTables: openPeerTables };
  return importFrom(opened.deps, project, { ...from, dryRun, only, redact, ...watched });
}

function printReport({ output }: Call, report: ImportFromReport): void {
  printTransferReport(output, report);
  if (report.dryRun) output.note("Nothing was written: this was a dry run.");
  else if (report.done > 0)
    output.note("Search finds it by words now; vectors follow with the next `aiknowsys index`.");
  if (report.batch !== undefined) output.note(`Undo it with: aiknowsys undo ${report.batch}`);
}
