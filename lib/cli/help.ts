import { aliasesOf, entriesOfCommands } from "./commands.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";

/** What `aiknowsys --help` prints. */
export function renderHelp(): string {
  const commands = entriesOfCommands().map(([name, entry]) => [
    [name, ...aliasesOf(entry)].join(", "),
    entry.summary,
  ]);
  const options = [
    ...GLOBAL_OPTIONS.map(({ flags, text }) => [flags, text]),
    ["--version", "print the version"],
    ["--help", "print this page; after a command: its options and examples"],
  ];
  return [
    "Usage: aiknowsys <command> [options]",
    "",
    "The knowledge store for AI coding assistants: plans, sessions and decisions,",
    "found by meaning and by words.",
    "",
    "Commands:",
    ...twoColumns(commands),
    "",
    "Options:",
    ...twoColumns(options),
    "",
    "Examples:",
    "  aiknowsys init                                set this project up",
    '  aiknowsys search "why did we pick SQLite"     ask in plain words',
    "  aiknowsys query-plans --status active --json  for scripts",
    "",
  ].join("\n");
}

function twoColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return rows.map(([left = "", right = ""]) => `  ${left.padEnd(width)}  ${right}`);
}
