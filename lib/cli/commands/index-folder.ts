import { KnowledgeError } from "../../domain/error.ts";
import type { IndexReport } from "../../domain/report.ts";
import type { Call, CliCommand } from "../command.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { printIndexReport } from "../index-report.ts";
import { checkFolder, type IndexOptions, runIndex } from "../index-run.ts";
import { addNoRedact } from "../options.ts";
import type { SendOptions } from "../send-run.ts";
import { type Opened, withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("[dir]", "the folder to read (default: the current project)")
      .option("--plans <glob>", "files below the folder that are plans")
      .option("--sessions <glob>", "files below the folder that are sessions")
      .option("--patterns <glob>", "files below the folder that are patterns")
      .option("--no-embed", "do not make vectors now: search finds by words until they are made");
    parser
      .option("--remote", "send the documents to the shared instance at AIKNOWSYS_REMOTE_URL")
      .option("--copy <name>", "with --remote: name of this working copy (default: one of its own)");
    addNoRedact(parser);
  },
  examples: [
    "aiknowsys index",
    "aiknowsys index ../notes --plans 'rfcs/**/*.md' --sessions 'log/*.md'",
    "aiknowsys index --no-embed --json",
    "aiknowsys index --remote --copy ci",
  ],
  run: async (call) => {
    const [dir] = call.command.args;
    const given = dir === undefined ? undefined : await checkFolder(dir, call.door.cwd);
    const { remote, copy } = call.command.opts<SendOptions & { remote?: boolean }>();
    if (remote === true) return send(call, given);
    if (copy !== undefined) throw onlyRemote();
    return withStore(call, async (opened) => {
      const folder = given ?? (await projectFolder(opened));
      const project = await projectOf(opened, folder);
      const options = call.command.opts<IndexOptions>();
      const { report, interrupted } = await runIndex(call, opened, { ...options, project, folder });
      if (call.output.json) call.output.printJson(report);
      else printIndexReport(call.output, report, interrupted);
      return statusOf(report, interrupted);
    });
  },
};

async function send(call: Call, given: string | undefined): Promise<number> {
  const { runSending } = await import("../send-run.ts");
  const { report, interrupted } = await runSending(call, given);
  const { output } = call;
  if (output.json) output.printJson(report);
  else {
    const { project } = report;
    output.print(`Sent to ${asLine(project.name)} (${output.style("cyan", project.ref)}).`);
    printIndexReport(output, report, interrupted, "the instance makes them in the background.");
  }
  return statusOf(report, interrupted);
}

function statusOf({ ok }: IndexReport, interrupted: boolean): number {
  if (interrupted) return EXIT_INTERRUPTED;
  return ok ? 0 : EXIT_SOME_FAILED;
}

function onlyRemote(): KnowledgeError {
  return new KnowledgeError("invalid_input", "--copy names a working copy for a shared instance.", {
    field: "copy",
    hint: "Give it together with --remote, or leave it out.",
  });
}

/** The project that the folder belongs to; the one of `--project` when that is given. */
async function projectOf({ deps, config, scope }: Opened, folder: string) {
  const { registerFolder } = await import("../../knowledge/project.ts");
  if (config.project !== undefined && scope.project !== undefined) return scope.project;
  return registerFolder(deps, folder, config.userHome);
}

/** Without a folder the whole project is read, wherever in it the caller stands: ids come from paths below its top. */
async function projectFolder({ config }: Opened): Promise<string> {
  const { readProjectIdentity } = await import("../../knowledge/project-identity.ts");
  return readProjectIdentity(config.cwd, config.userHome)?.root ?? config.cwd;
}
