import type { Command } from "commander";

/** Options that several commands have, in one wording. */

export function addPaging(command: Command): Command {
  return command
    .option("--limit <n>", "rows wanted, 1 to 1000 (default: 20)")
    .option("--cursor <text>", "continue where the page before ended");
}

export function addTimezone(command: Command): Command {
  return command.option("--timezone <zone>", "zone of dates, such as Europe/Berlin (default: the system's)");
}

export function addContent(command: Command): Command {
  return command
    .argument("[input]", "- reads the content from stdin")
    .option("--content <markdown>", "the text")
    .option("--file <path>", "read the text from a file (- for stdin)");
}

export function addNoRedact(command: Command): Command {
  return command.option("--no-redact", "store text as it is, even where it looks like a secret");
}

export function addRevision(command: Command): Command {
  return command.option("--revision <n>", "the revision you saw: refuse when somebody changed it since");
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
