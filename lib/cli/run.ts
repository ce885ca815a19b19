import { Command } from "commander";
import { KnowledgeError } from "../domain/error.ts";
import type { CliCommand } from "./command.ts";
import { splitCommandLine } from "./command-line.ts";
import { COMMANDS, commandNames } from "./commands.ts";
import type { Door } from "./door.ts";
import { EXIT_STATUS, reportError } from "./errors.ts";
import { addGlobalOptions, globalFlags } from "./globals.ts";
import { createOutput, type Output } from "./output.ts";

/** Runs one command line and returns its exit status. Never throws: what goes wrong is said and counted in the status. */
export async function run(argv: readonly string[], door: Door): Promise<number> {
  const asked = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  const output = createOutput(door, { json: asked.includes("--json"), quiet: asked.includes("--quiet") });
  const context: { flags: readonly string[]; verbose: boolean } = {
    flags: [],
    verbose: asked.includes("--verbose"),
  };
  try {
    const { name, rest } = splitCommandLine(argv);
    if (name === undefined || name === "help") return await answerWithoutCommand(name, rest, door, output);
    const command = await prepare(name, door);
    context.flags = command.parser.options.flatMap(({ long }) => long ?? []);
    return await execute(command, rest, door, output);
  } catch (thrown) {
    return reportError(thrown, output, context);
  }
}

interface Prepared {
  readonly parser: Command;
  readonly command: CliCommand;
}

async function prepare(typed: string, door: Door): Promise<Prepared> {
  const name = commandNames().get(typed);
  if (name === undefined) throw await unknownCommand(typed);
  const { command } = await COMMANDS[name].load();
  return { parser: createParser(typed, COMMANDS[name].summary, command, door.stdout), command };
}

/** The commander parser of one command: its own options, then the global ones, then examples. */
export function createParser(
  name: string,
  summary: string,
  command: CliCommand,
  stdout: { write(text: string): unknown; readonly columns?: number },
): Command {
  const parser = new Command(`aiknowsys ${name}`).description(sentence(summary)).exitOverride();
  parser.configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: () => undefined,
    getOutHelpWidth: () => Math.min(stdout.columns ?? 80, 100),
    getOutHasColors: () => false,
  });
  command.define(parser);
  addGlobalOptions(parser);
  const examples = command.examples.map((example) => `  ${example}`).join("\n");
  return parser.addHelpText("after", `\nExamples:\n${examples}\n`);
}

async function execute(
  { parser, command }: Prepared,
  rest: readonly string[],
  door: Door,
  output: Output,
): Promise<number> {
  try {
    parser.parse(rest, { from: "user" });
  } catch (thrown) {
    const { isHelp, misuse } = await import("./misuse.ts");
    if (isHelp(thrown)) return 0;
    throw misuse(thrown, parser);
  }
  refuseOptionAsFile(parser);
  const { json, quiet } = globalFlags(parser);
  const settled = json === output.json && quiet === output.quiet;
  const own = settled ? output : createOutput(door, { json: json ?? false, quiet: quiet ?? false });
  return command.run({ command: parser, door, output: own });
}

/** `--output --json`: the parser takes the next option for the file. */
function refuseOptionAsFile(parser: Command): void {
  for (const option of parser.options) {
    const value: unknown = parser.getOptionValue(option.attributeName());
    if (!/<(file|path|place)>/.test(option.flags) || typeof value !== "string" || !value.startsWith("--"))
      continue;
    throw new KnowledgeError(
      "invalid_input",
      `${option.long} needs a value; ${value.slice(0, 60)} is an option.`,
      {
        hint: `A file whose name begins so is named with its folder: ./${value.slice(0, 60)}`,
      },
    );
  }
}

async function answerWithoutCommand(
  name: "help" | undefined,
  rest: readonly string[],
  door: Door,
  output: Output,
): Promise<number> {
  const { renderHelp } = await import("./help.ts");
  const wanted = rest.find((argument) => !argument.startsWith("-"));
  if (name === "help" && wanted !== undefined) {
    const { parser } = await prepare(wanted, door);
    output.print(parser.helpInformation());
    return 0;
  }
  if (rest.includes("--version") || rest.includes("-V")) {
    const { version } = await import("./version.ts");
    output.print(version());
    return 0;
  }
  if (name === "help" || rest.includes("--help") || rest.includes("-h")) {
    output.print(renderHelp());
    return 0;
  }
  if (rest.length > 0) throw new KnowledgeError("invalid_input", "No command is given.", { hint: SEE_HELP });
  output.fail(renderHelp());
  return EXIT_STATUS.invalid_input;
}

const SEE_HELP = "See `aiknowsys --help` for the commands.";

async function unknownCommand(typed: string): Promise<KnowledgeError> {
  const { nearestName } = await import("./suggest.ts");
  const names = [...commandNames().keys()];
  const near = nearestName(typed, names);
  return new KnowledgeError("invalid_input", `There is no command "${typed.slice(0, 60)}".`, {
    hint: near === undefined ? SEE_HELP : `Did you mean ${near}? ${SEE_HELP}`,
  });
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
