import { type Command, CommanderError } from "commander";
import { KnowledgeError } from "../domain/error.ts";
import { nearestName } from "./suggest.ts";

/** True for the exception by which commander ends after printing help. */
export function isHelp(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.exitCode === 0;
}

/** Commander's complaint about a command line as one plain sentence; anything else comes back as it is. */
export function misuse(thrown: unknown, parser: Command): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  const near = nearestOption(thrown, parser);
  const hint = [near === undefined ? "" : `Did you mean ${near}?`, `See \`${parser.name()} --help\`.`];
  return new KnowledgeError("invalid_input", sentenceOf(thrown), { hint: hint.join(" ").trim() });
}

/** The option that a mistyped one is near to; what commander offers may have hardly a letter in common. */
function nearestOption({ code, message }: CommanderError, parser: Command): string | undefined {
  const typed = /'--([^'=]+)/.exec(message)?.[1];
  if (code !== "commander.unknownOption" || typed === undefined) return undefined;
  const names = parser.options.flatMap(({ long }) => long?.slice(2) ?? []);
  const near = nearestName(typed, names);
  return near === undefined ? undefined : `--${near}`;
}

function sentenceOf(error: CommanderError): string {
  const named = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const [name = ""] = named.split(/[ ,=]/);
  switch (error.code) {
    case "commander.unknownOption":
      return `There is no option ${named.slice(0, 60)}.`;
    case "commander.optionMissingArgument":
      return `${name} needs a value.`;
    case "commander.missingArgument":
      return `The argument <${named}> is missing.`;
    case "commander.missingMandatoryOptionValue":
      return `${name} is missing.`;
    case "commander.excessArguments":
      return "There are too many arguments; put text that contains spaces in quotes.";
    default:
      return error.message.replace(/^error: /, "").replace(/\n.*/s, "");
  }
}
