import { takesValue } from "./globals.ts";

export interface CommandLine {
  /** The command's name as typed; undefined when there is none. */
  readonly name: string | undefined;
  /** Everything else, in order. */
  readonly rest: readonly string[];
}

/** Finds the command among the arguments: the first that is neither a global option nor its value. */
export function splitCommandLine(argv: readonly string[]): CommandLine {
  let at = 0;
  while (at < argv.length) {
    const argument = argv[at] ?? "";
    if (!argument.startsWith("-") || argument === "-") {
      return { name: argument, rest: [...argv.slice(0, at), ...argv.slice(at + 1)] };
    }
    at += takesValue(argument) ? 2 : 1;
  }
  return { name: undefined, rest: argv };
}
