import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { CliCommand } from "../../lib/cli/command.ts";
import { aliasesOf, type CommandName, entriesOfCommands } from "../../lib/cli/commands.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED, EXIT_STATUS } from "../../lib/cli/errors.ts";
import { GLOBAL_OPTIONS } from "../../lib/cli/globals.ts";
import { createParser } from "../../lib/cli/run.ts";
import { ENVIRONMENT_VARIABLES } from "../../lib/config.ts";

const MANUAL = fileURLToPath(new URL("../../docs/cli.md", import.meta.url));
const MARK =
  "<!-- From here on this page is made from the program itself: npx vitest run test/flow/cli-manual.test.ts --update -->";

const FALLBACK =
  "`DATABASE_URL` stands in for `POSTGRES_URL`, but only where the storage is set to `postgres` or `hybrid`.";

/** What each exit status means to whoever reads it in a script. */
const MEANING: Readonly<Record<number, string>> = {
  0: "done",
  1: "internal error: a defect of ours; `--verbose` shows the cause",
  2: "the input is wrong; the message names the field and the valid values",
  3: "not found",
  4: "conflict: somebody changed it first; the message gives the current revision",
  5: "unavailable: the store is locked, unreachable, read-only, damaged, or of another version",
  6: "finished, but some items failed; the report names each",
  130: "interrupted by Ctrl-C; what was done is kept",
};

describe("the manual of the command line", () => {
  it("has every command with its options and examples, every exit status and every setting", async () => {
    const written = readFileSync(MANUAL, "utf8");
    const byHand = written.slice(0, written.indexOf(MARK));
    expect(byHand).not.toBe("");
    await expect(`${byHand}${MARK}\n\n${await renderManual()}`).toMatchFileSnapshot(MANUAL);
  });

  it("gives an example for every command, which its own parser understands", async () => {
    for (const [name, entry] of entriesOfCommands()) {
      const { command } = await entry.load();
      expect(command.examples.length, name).toBeGreaterThan(0);
      for (const example of command.examples)
        expect(() => parse(name, command, example), example).not.toThrow();
    }
  });
});

async function renderManual(): Promise<string> {
  const parts = [renderStatuses(), renderOptions(), renderSettings(), "## Commands\n"];
  for (const [name, entry] of entriesOfCommands()) {
    const { command } = await entry.load();
    parts.push(renderCommand(name, aliasesOf(entry), entry.summary, command));
  }
  return parts.join("\n");
}

function renderStatuses(): string {
  const codes = (status: number): string =>
    Object.entries(EXIT_STATUS)
      .flatMap(([code, its]) => (its === status ? `\`${code}\`` : []))
      .join(", ");
  const all = [0, ...new Set(Object.values(EXIT_STATUS)), EXIT_SOME_FAILED, EXIT_INTERRUPTED].sort(
    (a, b) => a - b,
  );
  const rows = all.map((status) => `| ${status} | ${MEANING[status] ?? ""} | ${codes(status)} |`);
  return ["## Exit status", "", "| status | meaning | error codes |", "|---|---|---|", ...rows, ""].join(
    "\n",
  );
}

function renderOptions(): string {
  const rows = GLOBAL_OPTIONS.map(({ flags, text }) => `| \`${flags}\` | ${text} |`);
  return ["## Options of every command", "", "| option | meaning |", "|---|---|", ...rows, ""].join("\n");
}

function renderSettings(): string {
  const rows = Object.entries(ENVIRONMENT_VARIABLES).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return ["## Environment", "", "| variable | meaning |", "|---|---|", ...rows, "", FALLBACK, ""].join("\n");
}

function renderCommand(
  name: CommandName,
  aliases: readonly string[],
  summary: string,
  command: CliCommand,
): string {
  const parser = createParser(name, summary, command, { write: () => true });
  const own = parser.options.filter(({ flags }) => !GLOBAL_OPTIONS.some((option) => option.flags === flags));
  const given = parser.registeredArguments.map((argument) => {
    const dots = argument.variadic ? "..." : "";
    const label = argument.required ? `<${argument.name()}${dots}>` : `[${argument.name()}${dots}]`;
    return `| \`${label}\` | ${argument.description} |`;
  });
  const options = own.map(
    ({ flags, description, mandatory }) => `| \`${flags}\` | ${description}${mandatory ? " (needed)" : ""} |`,
  );
  const rows = [...given, ...options].map((row) => row.replaceAll(/(?<=\w)\|(?=\w)/g, "\\|"));
  return [
    `### ${[name, ...aliases].join(", ")}`,
    "",
    parser.description(),
    "",
    ...(rows.length === 0 ? [] : ["| argument or option | meaning |", "|---|---|", ...rows, ""]),
    "```sh",
    ...command.examples,
    "```",
    "",
  ].join("\n");
}

/** Parses an example as a shell would split it: words, and texts in single or double quotes. */
function parse(name: CommandName, command: CliCommand, example: string): void {
  const words = [...example.replace(/ < \S+$/, "").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? "",
  );
  const parser = createParser(name, "", command, { write: () => true });
  const aliases = entriesOfCommands().flatMap(([known, entry]) =>
    known === name ? [known, ...aliasesOf(entry)] : [],
  );
  if (words[0] !== "aiknowsys" || !aliases.includes(words[1] ?? ""))
    throw new Error(`not an example of ${name}`);
  parser.parse(words.slice(2), { from: "user" });
}
