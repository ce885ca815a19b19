import { inspect } from "node:util";
import { asKnowledgeError, type ErrorCode, errorReport, type KnowledgeError } from "../domain/error.ts";
import type { Output } from "./output.ts";
import { asLine } from "./terminal-text.ts";
import { fillLines } from "./wrap.ts";

/** Exit status of a finished run in which some items failed. */
export const EXIT_SOME_FAILED = 6;
/** Exit status after Ctrl-C, by the custom of shells: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** The exit status of every error code. */
export const EXIT_STATUS = {
  internal: 1,
  invalid_input: 2,
  unsupported: 2,
  forbidden: 2,
  not_found: 3,
  conflict: 4,
  unavailable: 5,
  schema_mismatch: 5,
  corrupt: 5,
  rate_limited: 5,
} as const satisfies Record<ErrorCode, number>;

/**
 * Says what went wrong and returns the exit status: with `--json` the error document on stdout, else a
 * sentence on stderr with what to do next. `flags` are the long options of the command that ran.
 */
export function reportError(
  thrown: unknown,
  output: Output,
  context: { readonly flags: readonly string[]; readonly verbose: boolean },
): number {
  const error = asKnowledgeError(thrown);
  const message = withFlags(sentenceOf(error, context.flags), context.flags);
  const hint = withFlags(error.hint ?? "", context.flags);
  if (output.json)
    output.printJson({ error: { ...errorReport(error).error, message, ...(hint !== "" && { hint }) } });
  else {
    const width = output.noteWidth;
    const lines = errorLines(error, message, hint);
    output.fail((width === undefined ? lines : lines.flatMap((line) => fillLines(line, width))).join("\n"));
  }
  if (context.verbose && error.cause !== undefined) output.fail(inspect(error.cause));
  return EXIT_STATUS[error.code];
}

/** The error as text: the sentence, what to do next, and the valid values where the hint does not name them. */
function errorLines(error: KnowledgeError, message: string, hint: string): readonly string[] {
  const valid = error.valid ?? [];
  const isNamed = valid.some((value) => hint.includes(value));
  const revision = error.current?.revision;
  return [
    `aiknowsys: ${asLine(message)}`,
    ...(revision === undefined || message.includes(String(revision))
      ? []
      : [`It is now at revision ${String(revision)}.`]),
    ...(isNamed || valid.length === 0 ? [] : [`Valid: ${asLine(valid.join(", "))}.`]),
    ...(hint === "" ? [] : [asLine(hint)]),
  ];
}

/** Quoted text, commands and options, which stay as they are; the way over MCP; and names of options as use cases spell them. */
const SPELT = new RegExp(
  [
    /(?<kept>"[^"]*"|`[^`]*`|--[\w-]+)/,
    /(?<mcp> \(over MCP: [^)]*\))/,
    /(?<list>\bat least one of [^.]*)/,
    /(?<=\b(?:[Ww]ith|[Ll]eave|[Uu]se|[Gg]ive) )(?<named>[a-z]+)\b/,
    /\b(?<subject>[a-z]+)(?= is ")/,
    /\b(?<camel>[a-z]+[A-Z][A-Za-z]*)\b/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** A use case's sentence as it is said here: `updatedAfter` and `leave cursor out` as the options that are typed. */
function withFlags(text: string, flags: readonly string[]): string {
  const typed = (name: string): string => (flags.includes(flagOf(name)) ? flagOf(name) : name);
  return text.replace(SPELT, (whole: string, ...found: readonly unknown[]) => {
    // SAFETY: an expression with named groups hands them over last.
    const { kept, mcp, list, named, subject, camel } = found.at(-1) as Partial<Record<string, string>>;
    if (kept !== undefined) return kept;
    if (mcp !== undefined) return "";
    if (list !== undefined) return list.replace(/(?<= )[A-Za-z]+/g, typed);
    return typed(named ?? subject ?? camel ?? whole);
  });
}

function flagOf(field: string): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The error's sentence; a field that it begins with is named as the option that is typed. */
function sentenceOf({ field, message }: KnowledgeError, flags: readonly string[]): string {
  if (field === undefined || !flags.includes(flagOf(field)) || !message.startsWith(`${field} `))
    return message;
  return `${flagOf(field)}${message.slice(field.length)}`;
}
