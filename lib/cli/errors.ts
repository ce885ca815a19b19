import { inspect } from "node:util";
import { asKnowledgeError, type ErrorCode, errorReport, type KnowledgeError } from "../domain/error.ts";
import type { Output } from "./output.ts";
import { asLine } from "./terminal-text.ts";

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
  const message = withFlag(error, context.flags);
  if (output.json) output.printJson(withMessage(error, message));
  else output.fail(renderError(error, message));
  if (context.verbose && error.cause !== undefined) output.fail(inspect(error.cause));
  return EXIT_STATUS[error.code];
}

function withMessage(error: KnowledgeError, message: string): object {
  const report = errorReport(error);
  return { error: { ...report.error, message } };
}

/** The error as text: the sentence, what to do next, and the valid values where the hint does not name them. */
function renderError(error: KnowledgeError, message: string): string {
  const hint = error.hint ?? "";
  const unnamed = (error.valid ?? []).filter((value) => !hint.includes(value));
  const revision = error.current?.revision;
  const lines = [
    `aiknowsys: ${asLine(message)}`,
    ...(revision === undefined || message.includes(String(revision))
      ? []
      : [`It is now at revision ${String(revision)}.`]),
    ...(unnamed.length === 0 ? [] : [`Valid: ${asLine(unnamed.join(", "))}.`]),
    ...(hint === "" ? [] : [asLine(hint)]),
  ];
  return lines.join("\n");
}

/** Use cases name a field as `updatedAfter`; here people know it as `--updated-after`. */
function withFlag(error: KnowledgeError, flags: readonly string[]): string {
  const { field, message } = error;
  if (field === undefined) return message;
  const flag = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (!flags.includes(flag) || !message.startsWith(`${field} `)) return message;
  return `${flag}${message.slice(field.length)}`;
}
