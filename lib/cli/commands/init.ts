import type { Project } from "../../domain/project.ts";
import type { ClientPlace } from "../../knowledge/clients.ts";
import type { Call, CliCommand } from "../command.ts";
import { type ClientReport, connectClients, parseClients, printClients } from "../connect-clients.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { printIndexReport } from "../index-report.ts";
import { type IndexOptions, runIndex } from "../index-run.ts";
import { loadSettings, type Opened, withStore } from "../store.ts";

interface Options extends IndexOptions {
  readonly client?: string;
  readonly writeId?: boolean;
  readonly dryRun?: boolean;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option(
        "--client <list>",
        "claude-code, cursor, vscode, codex, gemini, opencode, claude-desktop (default: those that are found)",
      )
      .option("--no-embed", "do not make vectors now")
      .option(
        "--write-id",
        "also write the project's id to .aiknowsys/config.json (for copies without a git remote)",
      )
      .option("--dry-run", "only show what would be changed");
  },
  examples: ["aiknowsys init", "aiknowsys init --client claude-code,cursor", "aiknowsys init --dry-run"],
  run: async (call) => {
    const { client, dryRun } = call.command.opts<Options>();
    // A wrong name is refused before anything is written.
    if (client !== undefined) parseClients(client);
    if (dryRun === true) return showPlan(call, client);
    return withStore(call, (opened) => initProject(call, opened), { ddl: true });
  },
};

async function initProject(call: Call, opened: Opened): Promise<number> {
  const { output, door } = call;
  const { client, writeId, embed } = call.command.opts<Options>();
  const { readProjectIdentity } = await import("../../knowledge/project-identity.ts");
  const { registerFolder } = await import("../../knowledge/project.ts");
  const { cwd, userHome } = opened.config;
  const project = await registerFolder(opened.deps, cwd, userHome);
  const root = readProjectIdentity(cwd, userHome)?.root ?? cwd;
  const idFile = writeId === true ? await writeIdFile(root, project) : undefined;
  output.note(`Project ${project.name} (${project.ref}) in ${root}`);
  const { report, interrupted } = await runIndex(call, opened, {
    project,
    folder: root,
    ...(embed !== undefined && { embed }),
  });
  const place: ClientPlace = { root, userHome, platform: process.platform };
  const clients = interrupted
    ? []
    : await connectClients({ names: client, place, program: door.program, dryRun: false });
  const isWhole = report.ok && clients.every(({ action }) => action !== "manual");
  if (output.json)
    output.printJson({
      ok: isWhole && !interrupted,
      project,
      index: report,
      clients,
      ...(idFile !== undefined && { idFile }),
    });
  else printInit(call, { report, interrupted, clients, idFile });
  if (interrupted) return EXIT_INTERRUPTED;
  return isWhole ? 0 : EXIT_SOME_FAILED;
}

async function writeIdFile(root: string, project: Project): Promise<string | undefined> {
  const { writeProjectId } = await import("../../knowledge/project-id-file.ts");
  return writeProjectId(root, project.id);
}

interface InitOutcome {
  readonly report: Parameters<typeof printIndexReport>[1];
  readonly interrupted: boolean;
  readonly clients: readonly ClientReport[];
  readonly idFile: string | undefined;
}

function printInit({ output }: Call, { report, interrupted, clients, idFile }: InitOutcome): void {
  printIndexReport(output, report, interrupted);
  if (idFile !== undefined) output.print(`Wrote the project's id to ${idFile}; commit it to share it.`);
  if (interrupted) return;
  printClients(output, clients, false);
  output.note('Try it: aiknowsys search "what was decided last"');
}

/** What `init` would do, without opening or writing anything. */
async function showPlan(call: Call, names: string | undefined): Promise<number> {
  const { output, door } = call;
  const { readProjectIdentity } = await import("../../knowledge/project-identity.ts");
  const { cwd, userHome } = await loadSettings(call);
  const identity = readProjectIdentity(cwd, userHome);
  const root = identity?.root ?? cwd;
  const place: ClientPlace = { root, userHome, platform: process.platform };
  const clients = await connectClients({ names, place, program: door.program, dryRun: true });
  if (output.json) output.printJson({ ok: true, dryRun: true, project: identity ?? null, clients });
  else {
    output.print(
      identity === undefined
        ? "This folder is no project."
        : `Would register and index ${identity.name} in ${root}.`,
    );
    printClients(output, clients, true);
  }
  return 0;
}
